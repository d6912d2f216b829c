import { fractionOf } from '../lib/hash.ts';
import type { Delivery } from '../model/notice.ts';

/** What is known of notifiers whose last attempt failed, by name; those that work are absent. Plain data. */
export type Carriers = Readonly<Record<string, CarrierHealth>>;

export interface CarrierHealth {
  readonly failingSince: number;
  /** Failures in a row, whatever was sent. */
  readonly failures: number;
  /** Not to be tried before. */
  readonly nextAt: number;
  readonly reason: string;
}

/** All durations in milliseconds. */
export interface DeliveryPolicy {
  readonly firstDelay: number;
  readonly maxDelay: number;
  /** A notifier that has failed for this long counts as broken: others take over, and people are told. */
  readonly handOverAfter: number;
  /** After this a notice is given up, when nobody else can carry it. */
  readonly giveUpAfter: number;
}

export const deliveryPolicy: DeliveryPolicy = {
  firstDelay: 2000,
  maxDelay: 300_000,
  handOverAfter: 60_000,
  giveUpAfter: 3 * 86_400_000,
};

/** Whether a notifier counts as broken: the engine is then to hear of it with `delivery`. */
export function isBroken(
  health: CarrierHealth | undefined,
  now: number,
  policy: DeliveryPolicy = deliveryPolicy,
): boolean {
  return health !== undefined && health.failures > 1 && now - health.failingSince >= policy.handOverAfter;
}

/** One more failure of a notifier. */
export function carrierFailed(
  carriers: Carriers,
  name: string,
  delivery: Extract<Delivery, { ok: false }>,
  now: number,
  policy: DeliveryPolicy,
): Carriers {
  const before = carriers[name];
  const failures = (before?.failures ?? 0) + 1;
  // A message that is refused says little about the next one; a server that does not answer says all.
  const delay = delivery.retry ? delayOf(policy, failures, name, delivery.retryAfter) : 0;
  const failingSince = before?.failingSince ?? now;
  return { ...carriers, [name]: { failingSince, failures, nextAt: now + delay, reason: delivery.reason } };
}

/**
 * Doubles from attempt to attempt up to `maxDelay`, spread by a quarter either way so that what waits does not all leave
 * at once. `Retry-After` (RFC 9110, section 10.2.3) is a lower bound.
 */
export function delayOf(policy: DeliveryPolicy, attempts: number, seed: string, retryAfter = 0): number {
  const doubled = policy.firstDelay * 2 ** Math.min(30, Math.max(0, attempts - 1));
  const spread = Math.min(policy.maxDelay, doubled) * (0.75 + 0.5 * fractionOf(`${seed}/${attempts}`));
  return Math.round(Math.max(Math.min(policy.maxDelay, spread), retryAfter));
}
