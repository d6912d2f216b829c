import type { Host } from '../../host/host.ts';
import type { Config } from '../../model/config.ts';
import type { EngineState } from '../../model/state.ts';

/** What speaks against telling the outside that all is well with the agent itself; nothing when nothing does. */
export interface Doubts {
  readonly distrust: string | undefined;
  /** Largest lateness of a check since the last beat, milliseconds. */
  readonly worstLateness: number;
  /** By how much the next turn of a check is overdue just now, milliseconds: what never starts is never late at its start. */
  readonly behind: number;
  /** For how long a check has waited for room longer than it may, milliseconds. */
  readonly longestWait: number;
  /** Age of the oldest undelivered notice, milliseconds. */
  readonly undeliveredFor: number;
  /** A notifier through which nobody hears of anything: what was given up waits no more. */
  readonly muteNotifier: string | undefined;
}

/** A check that starts, or waits, this late means that the scheduler does not keep up: the shortest cadences are seconds. Milliseconds. */
const LATE = 10_000;
/** Notices that wait for so long (milliseconds) mean that deliveries do not work; a mail server's restart takes less. */
const STUCK = 15 * 60_000;
/** Milliseconds for the switch to answer: far less than a pace at which anybody expects beats. */
const TIMEOUT = 10_000;

/** Why no heartbeat is sent just now, or nothing: silence is how the outside learns of it. */
export function whyNoHeartbeat(doubts: Doubts): string | undefined {
  const { distrust, worstLateness, behind, longestWait, undeliveredFor, muteNotifier } = doubts;
  if (distrust !== undefined) return `the agent does not trust itself: ${distrust}`;
  if (worstLateness > LATE) return `checks start up to ${seconds(worstLateness)} s late`;
  if (behind > LATE) return `the next check is ${seconds(behind)} s overdue`;
  if (longestWait > LATE) return `a check waits to be started, ${seconds(longestWait)} s longer than it may`;
  if (undeliveredFor > STUCK) return `a notice has waited for ${Math.round(undeliveredFor / 60_000)} min`;
  if (muteNotifier !== undefined) return `notices through ${muteNotifier} do not get through`;
  return undefined;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

/** The first notifier that is known not to get through, and neither does anybody whom it falls back to. */
export function muteNotifier(
  { notifiers }: Pick<Config, 'notifiers'>,
  troubles: EngineState['troubles'],
): string | undefined {
  const carriers = (name: string, known: Set<string>): Set<string> => {
    if (!(name in notifiers) || known.has(name)) return known;
    known.add(name);
    for (const next of notifiers[name]?.fallback ?? []) carriers(next, known);
    return known;
  };
  return Object.keys(notifiers).find((name) =>
    [...carriers(name, new Set())].every((carrier) => troubles[`notifier/${carrier}`] !== undefined),
  );
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
