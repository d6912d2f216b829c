import { isIP } from 'node:net';
import type { Host } from '../../host/host.ts';
import type { ProbeResult } from '../../model/reading.ts';
import { createFailureTally, type FailureTally } from './failure-tally.ts';
import { resolverTroubleAt, resolverTroubleFor, tryTarget } from './way-out.ts';

/**
 * Whether failures of remote checks can be believed. With `uplink` targets configured: while none of them can be reached,
 * they cannot, and nothing is guessed. Without: while the remote checks of several hosts began to fail almost at once, and
 * none of them passes. In both cases failures of what is called by a name are not believed while nobody resolves names.
 */
export interface Uplink {
  /** Passes a result on, or turns a failure into `unknown` while the way to it is in doubt. */
  judge(key: string, target: string | undefined, result: ProbeResult): ProbeResult;
  /** Tries these targets, which are the configured ones from now on. */
  probe(targets: readonly string[]): Promise<void>;
  /** For the moment before a remote failure is believed: tries the targets, and the resolver where many names fail. */
  look(): Promise<void>;
  readonly reason: string | undefined;
  forget(key: string): void;
}

/** So many different remote hosts must fail together before the common cause is looked for on this side. */
const HOSTS = 3;
/** Share of the remote checks that fail, from which on it is `most`. */
const MOST = 0.7;
/** They began to fail within this many milliseconds of one another. */
const TOGETHER = 60_000;
/** What was found so many milliseconds ago serves all failures that come at the same time. */
const FRESH = 1000;

/** Nothing is tried before it is asked to; what it remembers of checks lasts until they are forgotten. */
export function createUplink(host: Pick<Host, 'clock' | 'sockets' | 'dns'>): Uplink {
  const all = createFailureTally();
  const named = createFailureTally();
  let targets: readonly string[] = [];
  let down: string | undefined;
  let guessed: string | undefined;
  /** Why names are not resolved: as the targets show, and as failing checks do. */
  const nameless: { targets?: string | undefined; checks?: string | undefined } = {};
  const lookAtTargets = sharedLook(host.clock, tryTargets);
  const lookAtNames = sharedLook(host.clock, tryNames);

  function guess(): string | undefined {
    if (!mostFail(all)) return undefined;
    // Once in doubt it lasts until enough of them pass: some of those that fail may have begun to long ago.
    if (guessed === undefined && all.spread() > TOGETHER) return undefined;
    return `${all.failing} of ${all.checks} remote checks fail at once: the way out of this host seems to be down`;
  }

  async function tryTargets(): Promise<void> {
    const tried = targets;
    const found = await Promise.all(tried.map((target) => tryTarget(host.sockets, target)));
    if (tried !== targets) return;
    nameless.targets = resolverTroubleAt(found);
    down = found.some(({ ok }) => ok)
      ? undefined
      : `the uplink is down: none of ${tried.join(', ')} can be reached`;
  }

  async function tryNames(): Promise<void> {
    nameless.checks = await resolverTroubleFor(host.dns, first(HOSTS, named.hosts.keys()));
  }

  async function look(): Promise<void> {
    if (targets.length > 0) await lookAtTargets();
    // Where most names fail, and they are those of several hosts; else there is nothing to ask the resolver for.
    if (mostFail(named)) await lookAtNames();
    else nameless.checks = undefined;
  }

  const unresolved = (): string | undefined => nameless.targets ?? nameless.checks;

  return {
    judge(key, target, result) {
      if (target === undefined || result.outcome === 'unknown') return result;
      const failed = result.outcome === 'failed';
      const now = host.clock.monotonic();
      all.note(key, target, failed, now);
      if (isName(target)) named.note(key, target, failed, now);
      else named.forget(key);
      if (targets.length === 0) guessed = failed || guessed !== undefined ? guess() : undefined;
      const doubt = down ?? guessed ?? (isName(target) ? unresolved() : undefined);
      if (!failed || doubt === undefined) return result;
      return { outcome: 'unknown', reason: `${doubt} (${result.reason})` };
    },
    async probe(wanted) {
      targets = wanted;
      guessed = undefined;
      if (wanted.length > 0) {
        await tryTargets();
        return;
      }
      down = undefined;
      nameless.targets = undefined;
    },
    look,
    get reason() {
      return down ?? guessed ?? unresolved();
    },
    forget(key) {
      all.forget(key);
      named.forget(key);
    },
  };
}

/** Whether most of the remote checks fail, and they are those of several hosts. */
function mostFail({ hosts, failing, checks }: FailureTally): boolean {
  return hosts.size >= HOSTS && failing >= checks * MOST;
}

/** A path stands for what this host itself goes by: the name servers that it has. */
function isName(target: string): boolean {
  return !target.startsWith('/') && isIP(target.replace(/^\[(.*)\]$/, '$1')) === 0;
}

function first(most: number, names: Iterable<string>): readonly string[] {
  const taken: string[] = [];
  for (const name of names) {
    if (taken.length === most) break;
    taken.push(name);
  }
  return taken;
}

/** Whoever asks while it is looked, or right after that, gets the same look. */
function sharedLook(clock: Host['clock'], run: () => Promise<void>): () => Promise<void> {
  let looking: Promise<void> | undefined;
  let endedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (looking === undefined && clock.monotonic() - endedAt <= FRESH) return Promise.resolve();
    looking ??= run().finally(() => {
      looking = undefined;
      endedAt = clock.monotonic();
    });
    return looking;
  };
}
