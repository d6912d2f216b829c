import { keepExhibit } from './look.ts';
import { calmAgeOf } from './manager-desk.ts';
import type { CycleParts } from './run-cycle.ts';

/** What a turn needs that may be over without a look. */
export interface ForegoneParts extends CycleParts {
  /** Names of the readings that conditions look at. */
  readonly judged: ReadonlySet<string>;
  /** Whether the engine would learn nothing but the time from one more pass like the last. */
  readonly settled: () => boolean;
  readonly onPassedOver: () => void;
}

/**
 * Tells at once what a pass would find, where that is certain without one, and not even that where nobody would learn anything
 * from it; false where it is not certain. A thousand processes that run, and of whose end the kernel would tell, are passed over
 * each second this way.
 */
export function passOver(parts: ForegoneParts): boolean {
  const { host, kind, service, check, memory, desk, judged } = parts;
  if (kind.foregone === undefined || service.holdWhile.length > 0) return false;
  // What is settled is calm.
  const settled = parts.settled();
  if (!settled && !parts.calm()) return false;
  const report = desk.remembered(service.name, calmAgeOf(desk.managerOf(service.name)));
  if (report === undefined) return false;
  const given = { options: check.options as never, host, carry: memory.carry, judged, report };
  const result = kind.foregone(given);
  if (result === undefined) return false;
  const beganAt = host.clock.instant().now;
  keepExhibit(memory, result, beganAt);
  if (result.carry !== undefined) memory.carry = result.carry;
  if (settled) {
    memory.passedAt = beganAt;
    parts.onPassedOver();
    return true;
  }
  const { name } = service;
  const believed = parts.judge(result);
  parts.tell([{ type: 'observed', service: name, check: check.name, result: believed, tookMs: 0, beganAt }]);
  return true;
}
