import type { Host } from '../../host/host.ts';
import type { Config } from '../../model/config.ts';

/** What speaks against telling the outside that all is well with the agent itself; nothing when nothing does. */
export interface Doubts {
  readonly distrust: string | undefined;
  /** Largest lateness of a check since the last beat, milliseconds. */
  readonly worstLateness: number;
  /** Age of the oldest undelivered notice, milliseconds. */
  readonly undeliveredFor: number;
}

/** A check that starts this late means that the scheduler does not keep up. Milliseconds. */
const LATE = 10_000;
/** Notices that wait for so long mean that deliveries do not work. */
const STUCK = 15 * 60_000;
const TIMEOUT = 10_000;

/** Why no heartbeat is sent just now, or nothing: silence is how the outside learns of it. */
export function whyNoHeartbeat({ distrust, worstLateness, undeliveredFor }: Doubts): string | undefined {
  if (distrust !== undefined) return `the agent does not trust itself: ${distrust}`;
  if (worstLateness > LATE) return `checks start up to ${Math.round(worstLateness / 1000)} s late`;
  if (undeliveredFor > STUCK) return `a notice has waited for ${Math.round(undeliveredFor / 60_000)} min`;
  return undefined;
}

/** Tells the dead man's switch that the agent lives. Gives a sentence when that failed. */
export async function beat(
  host: Host,
  heartbeat: NonNullable<Config['heartbeat']>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const outcome = await host.http.request({
    url: heartbeat.url,
    method: 'GET',
    headers: { 'user-agent': 'watcher' },
    timeouts: { connect: TIMEOUT, headers: TIMEOUT, total: TIMEOUT },
    maxBodyBytes: 4096,
    redirects: 3,
    signal,
  });
  if (!outcome.ok) return outcome.reason;
  return outcome.status < 400 ? undefined : `it answered HTTP ${outcome.status}`;
}
