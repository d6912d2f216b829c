import type { Host } from '../../host/host.ts';
import type { ProbeResult } from '../../model/reading.ts';

/**
 * Whether failures of remote checks can be believed. With `uplink` targets configured: while none of them can be reached,
 * they cannot. Without: while the remote checks of several hosts began to fail almost at once, and none of them passes.
 */
export interface Uplink {
  /** Passes a result on, or turns a failure into `unknown` while the way to it is in doubt. */
  judge(key: string, target: string | undefined, result: ProbeResult): ProbeResult;
  /** Tries the configured targets. */
  probe(targets: readonly string[]): Promise<void>;
  readonly reason: string | undefined;
  forget(key: string): void;
}

/** So many different remote hosts must fail together before the common cause is looked for on this side. */
const HOSTS = 3;
/** Share of the remote checks that fail, from which on it is `most`. */
const MOST = 0.7;
/** They began to fail within this many milliseconds of one another. */
const TOGETHER = 60_000;
const CONNECT_TIMEOUT = 3000;

interface Seen {
  readonly target: string;
  readonly failingSince: number | undefined;
}

export function createUplink(host: Host): Uplink {
  const seen = new Map<string, Seen>();
  let configured: string | undefined;
  let guessed: string | undefined;

  function guess(): string | undefined {
    const all = [...seen.values()];
    const failing = all.filter(({ failingSince }) => failingSince !== undefined);
    const hosts = new Set(failing.map(({ target }) => target));
    if (hosts.size < HOSTS || failing.length < all.length * MOST) return undefined;
    // Once in doubt it lasts until enough of them pass: some of those that fail may have begun to long ago.
    const begins = failing.map(({ failingSince }) => failingSince ?? 0);
    const together = Math.max(...begins) - Math.min(...begins) <= TOGETHER;
    if (guessed === undefined && !together) return undefined;
    return `${failing.length} of ${all.length} remote checks fail at once: the way out of this host seems to be down`;
  }

  return {
    judge(key, target, result) {
      if (target === undefined || result.outcome === 'unknown') return result;
      const before = seen.get(key)?.failingSince;
      const failed = result.outcome === 'failed';
      seen.set(key, { target, failingSince: failed ? (before ?? host.clock.monotonic()) : undefined });
      if (configured === undefined) guessed = failed || guessed !== undefined ? guess() : undefined;
      const doubt = configured ?? guessed;
      if (!failed || doubt === undefined) return result;
      return { outcome: 'unknown', reason: `${doubt} (${result.reason})` };
    },
    async probe(targets) {
      if (targets.length === 0) {
        configured = undefined;
        return;
      }
      guessed = undefined;
      const reached = await Promise.all(targets.map((target) => reach(host, target)));
      configured = reached.includes(true)
        ? undefined
        : `the uplink is down: none of ${targets.join(', ')} can be reached`;
    },
    get reason() {
      return configured ?? guessed;
    },
    forget: (key) => void seen.delete(key),
  };
}

async function reach(host: Host, target: string): Promise<boolean> {
  const cut = target.lastIndexOf(':');
  const name = target.slice(0, cut).replace(/^\[(.*)\]$/, '$1');
  const outcome = await host.sockets.connect(
    { host: name, port: Number(target.slice(cut + 1)) },
    CONNECT_TIMEOUT,
  );
  // A refusal is an answer: somebody at the other end sent it.
  return outcome.ok || outcome.code === 'ECONNREFUSED';
}
