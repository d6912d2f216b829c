import type { Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import { CycleReport } from './cycle-report.ts';
import { look } from './look.ts';
import { endToBeTold, isManagersWord, type LookAtOnceParts, lookAtOnce, newsToHear } from './look-at-once.ts';

export interface CycleParts extends LookAtOnceParts {
  /** Whether the engine sees nothing wrong with the service: then its manager need not be asked at every turn. */
  readonly calm: () => boolean;
  /** Brings what the manager said, what holds the service, and the reading to the engine, in this order. */
  readonly tell: (inputs: readonly Input[]) => void;
  readonly holding: (service: Service) => Promise<void>;
  /** Finds out whether the host is going down, which ends services without anything being wrong with them. */
  readonly lookAtHost?: (() => Promise<void> | undefined) | undefined;
  /** Everything that it may be nudged for has happened before the look that is about to begin: no other one is needed for that. */
  readonly looksNow?: (() => void) | undefined;
}

/** Why this pass is made. */
export interface Turn {
  /** Something happened: it is likely to have failed. */
  readonly nudged?: boolean;
  /** Aborts when the agent stops: then the probe is ended, and what it says is no longer told. */
  readonly stopped?: AbortSignal;
}

/**
 * One pass over one check: gathers facts, looks, tells the engine. Never throws, and always ends: soon after the probe's deadline, or
 * where what was seen is not believed, a few looks later.
 */
export async function runCycle(parts: CycleParts, turn: Turn = {}): Promise<void> {
  const { host, service, check, desk } = parts;
  const told = turn.nudged === true && parts.calm() ? endToBeTold(parts) : undefined;
  if (told !== undefined) {
    await told;
    if (isOver(turn)) return;
    parts.looksNow?.();
  }
  const gone = turn.nudged === true && parts.calm() ? lookAtOnce(parts) : undefined;
  if (gone !== undefined) {
    const news = newsToHear(parts);
    if (news !== undefined) await news;
    if (isOver(turn)) return;
    if (news === undefined || (parts.calm() && isManagersWord(parts))) {
      parts.tell(gone);
      return;
    }
  }
  const started = host.clock.monotonic();
  // `Instant.now` has whole milliseconds: reckoned back from the end, half of the quick probes would begin one too early.
  const beganAt = host.clock.instant().now;
  const calm = parts.calm();
  const reported =
    desk.managerOf(service.name) === undefined
      ? undefined
      : new CycleReport({
          host,
          desk,
          service: service.name,
          calm,
          spared: parts.kind.foregone !== undefined,
        });
  const ask = reported && (() => reported.ask());
  const early = reported?.isDue === true ? reported.ask() : undefined;
  // What it was nudged for has happened: the answer is about that moment, and a repair need not wait for it.
  const hostLooked = turn.nudged === true && calm ? parts.lookAtHost?.() : undefined;
  const held = service.holdWhile.length > 0 ? parts.holding(service) : undefined;
  let seen = await look(parts, turn.stopped, reported && (() => reported.recall()));
  if (isOver(turn)) return;
  // Not by what was remembered, which may be about a process of before.
  if (reported?.remembered === true && seen.outcome !== 'read') seen = await look(parts, turn.stopped, ask);
  let result = parts.judge(seen);
  const tookMs = host.clock.monotonic() - started;
  if (early !== undefined) await early;
  if (held !== undefined) await held;
  // Whether somebody stopped it, or the whole host, must be known before a failure is believed.
  if (result.outcome !== 'read') {
    const hostSeen = hostLooked ?? parts.lookAtHost?.();
    const [renewed] = await Promise.all([reported?.renew(), hostSeen, parts.lookAtWay?.()]);
    let outdated = renewed === true;
    while (outdated && !isOver(turn)) {
      seen = await look(parts, turn.stopped, ask);
      outdated = seen.outcome !== 'read' && (await reported?.renew()) === true;
    }
    result = parts.judge(seen);
  }
  if (isOver(turn)) return;
  const report = reported?.latest;
  const observed = {
    type: 'observed',
    service: service.name,
    check: check.name,
    result,
    tookMs,
    beganAt,
  } as const;
  parts.tell(
    report === undefined ? [observed] : [{ type: 'reported', service: service.name, report }, observed],
  );
}

function isOver({ stopped }: Turn): boolean {
  return stopped?.aborted === true;
}
