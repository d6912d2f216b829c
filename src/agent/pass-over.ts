import { keepExhibit } from './look.ts';
import { calmAgeOf } from './manager-desk.ts';
import type { CycleParts } from './run-cycle.ts';

/** What a turn needs that may be over without a look. */
export interface ForegoneParts extends CycleParts {
  /** Names of the readings that conditions look at. */
  readonly judged: ReadonlySet<string>;
  /** Whether the engine would learn nothing but the time from one more pass like the last. */
  readonly settled: () => boolean;
  readonly onPassedOver: (turns: number) => void;
}

/**
 * Tells at once what a pass would find, where that is certain without one, and not even that where nobody would learn anything
 * from it; undefined where it is not certain. Otherwise says until when, on the scale of `Instant.now`, nobody need ask again:
 * negative infinity where the next turn has to be told, too. A thousand processes that run, and of whose end the
 * kernel would tell, cost next to nothing this way.
 */
export function passOver(parts: ForegoneParts): number | undefined {
  const { host, kind, service, check, memory, desk, judged } = parts;
  if (kind.foregone === undefined || service.holdWhile.length > 0) return undefined;
  // What is settled is calm.
  const settled = parts.settled();
  if (!settled && !parts.calm()) return undefined;
  const calmAge = calmAgeOf(desk.managerOf(service.name));
  const report = desk.remembered(service.name, calmAge);
  if (report === undefined) return undefined;
  const given = { options: check.options as never, host, carry: memory.carry, judged, report };
  const foregone = kind.foregone(given);
  if (foregone === undefined) return undefined;
  const { result } = foregone;
  const beganAt = host.clock.instant().now;
  keepExhibit(memory, result, beganAt);
  if (result.carry !== undefined) memory.carry = result.carry;
  if (settled) {
    memory.passedAt = beganAt;
    parts.onPassedOver(1);
    const left = foregone.until - host.clock.monotonic();
    return beganAt + Math.min(left, calmAge - desk.age(service.name));
  }
  const { name } = service;
  const believed = parts.judge(result);
  parts.tell([{ type: 'observed', service: name, check: check.name, result: believed, tookMs: 0, beganAt }]);
  return Number.NEGATIVE_INFINITY;
}
