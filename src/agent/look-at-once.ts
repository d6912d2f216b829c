import type { ProbeResult } from '../model/reading.ts';
import type { Input } from '../model/step.ts';
import { keepExhibit, type LookParts } from './look.ts';
import type { ManagerDesk } from './manager-desk.ts';
import { refusedBySystem } from './refused-by-system.ts';

export interface LookAtOnceParts extends LookParts {
  readonly desk: ManagerDesk;
  /** Turns a failure that is not to be believed into `unknown`. */
  readonly judge: (result: ProbeResult) => ProbeResult;
  /** Whether the host surely does not go down, where that can be told at once; `told`: what the manager was told about that. */
  readonly hostStays?: ((told: boolean | undefined) => boolean) | undefined;
  /** Resolves when all is heard that was told of the host by now; undefined where nothing is listened to for that. */
  readonly newsHeard?: (() => Promise<void> | undefined) | undefined;
  /** Finds out whether the way to a remote host works, before its failure is believed. */
  readonly lookAtWay?: (() => Promise<void>) | undefined;
}

/**
 * Resolves once the manager can tell at once what became of a process; undefined where it is not about to, or its word would not be all
 * that there is to find out. Never rejects.
 */
export function endToBeTold(parts: LookAtOnceParts): Promise<void> | undefined {
  const { desk, service } = parts;
  const about = `the wait for the end of ${service.name}`;
  try {
    // Most managers are not, and nobody waits for files to be looked at for that.
    if (desk.managerOf(service.name)?.endTold === undefined || !isManagersWord(parts)) return undefined;
    return desk.endTold(service.name)?.catch((error: unknown) => parts.onBug(error, about));
  } catch (error) {
    parts.onBug(error, about);
    return undefined;
  }
}

/**
 * Resolves when all is heard that may have been told of the host before this end was seen; undefined where nothing is listened to for
 * that, or the manager tells of both, in order.
 */
export function newsToHear({ desk, service, newsHeard }: LookAtOnceParts): Promise<void> | undefined {
  return desk.managerOf(service.name)?.hostStays === undefined ? newsHeard?.() : undefined;
}

/** Whether what the manager says is all that there is to find out. */
export function isManagersWord({ desk, kind, service, lookAtWay, hostStays }: LookAtOnceParts): boolean {
  if (kind.byReport === undefined || service.holdWhile.length > 0 || lookAtWay !== undefined) return false;
  return hostStays?.(desk.managerOf(service.name)?.hostStays?.()) === true;
}

/**
 * What a pass finds out of a process that has just ended, where all of it can be told at once: it is what the usual way would tell,
 * without waiting for anything. Undefined where that is not certain: then the usual way is taken, as if this had not been asked.
 */
export function lookAtOnce(parts: LookAtOnceParts): readonly Input[] | undefined {
  const { host, kind, service, check, desk, memory } = parts;
  // Most managers cannot, and nobody waits for files to be looked at for that.
  if (desk.managerOf(service.name)?.reportNow === undefined || !isManagersWord(parts)) return undefined;
  const started = host.clock.monotonic();
  const beganAt = host.clock.instant().now;
  try {
    const report = desk.reportNow(service.name);
    if (report === undefined) return undefined;
    const known = { options: check.options as never, host, carry: memory.carry, report };
    const found = kind.byReport?.(known);
    // What does not fail has nothing to hurry for.
    if (found?.outcome !== 'failed') return undefined;
    keepExhibit(memory, found, beganAt);
    if (found.carry !== undefined) memory.carry = found.carry;
    const tookMs = host.clock.monotonic() - started;
    return [
      { type: 'reported', service: service.name, report },
      {
        type: 'observed',
        service: service.name,
        check: check.name,
        result: parts.judge(found),
        tookMs,
        beganAt,
      },
    ];
  } catch (error) {
    // Of what the system refused the usual way says what it is.
    if (refusedBySystem(error) === undefined)
      parts.onBug(error, `the look at once of ${service.name}/${check.name}`);
    return undefined;
  }
}
