import { fractionOf } from '../../lib/hash.ts';
import type { Config } from '../../model/config.ts';
import type { Delivery, Notice } from '../../model/notice.ts';

/** One notice on its way. Plain data: stored before the first attempt, changed only by the functions here. */
export interface OutboxEntry {
  readonly notice: Notice;
  /** Order of writing: per notifier, what begins an incident leaves before what ends it. */
  readonly number: number;
  /** When it was written, on the scale of `now`. */
  readonly writtenAt: number;
  /** Who carries it: the notice's own notifier first (0), then its fallbacks in order. */
  readonly carrier: number;
  /** Attempts with the present carrier, and in all. */
  readonly attempts: number;
  readonly total: number;
  /** First attempt with the present carrier. */
  readonly since: number;
  readonly nextAt: number;
  readonly lastReason?: string;
  /** Refused for what it is: it waits beside the line for its next chance. */
  readonly aside?: boolean;
}

/** What to do with an entry after an attempt. */
export type DeliveryDecision =
  /** Remove it. `by`: the notifier that carried it; when it is another one, drop `orphans` and tell the engine `delivered`. */
  | { readonly do: 'delivered'; readonly by: string }
  /** Keep it in this form and try again at `entry.nextAt`. `handedOver`: another notifier takes it from here. */
  | { readonly do: 'keep'; readonly entry: OutboxEntry; readonly handedOver?: string }
  /** Remove it, and say so: nobody could be told. */
  | { readonly do: 'give-up'; readonly reason: string };

/** All durations in milliseconds. */
export interface DeliveryPolicy {
  readonly firstDelay: number;
  readonly maxDelay: number;
  /** A server may not hold a notice back for longer than this by asking for patience. */
  readonly maxPatience: number;
  /** A carrier that has failed for this long hands over to the next, if there is one. */
  readonly handOverAfter: number;
  /** After this, also the last carrier gives up. */
  readonly giveUpAfter: number;
  /**
   * Pauses after an answer that will not change by itself, before it is given up where nobody else can carry it: somebody
   * may mend a wrong password or a full mailbox within a day.
   */
  readonly refusedDelays: readonly number[];
}

export const deliveryPolicy: DeliveryPolicy = {
  firstDelay: 2000,
  maxDelay: 300_000,
  maxPatience: 3_600_000,
  handOverAfter: 60_000,
  giveUpAfter: 3 * 86_400_000,
  refusedDelays: [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000],
};

/** A notice delivered later than this after it was written says that it is late. Milliseconds. */
const LATE_AFTER = 60_000;

export function newEntry(notice: Notice, number: number, now: number): OutboxEntry {
  return { notice, number, writtenAt: now, carrier: 0, attempts: 0, total: 0, since: now, nextAt: now };
}

/** The notifiers that may carry a notice, in order: its own, then those it falls back to (and theirs), each once. */
export function carriersOf(config: Config, entry: OutboxEntry): readonly string[] {
  const names: string[] = [];
  const visit = (name: string): void => {
    const notifier = config.notifiers[name];
    if (!notifier || names.includes(name)) return;
    names.push(name);
    notifier.fallback.forEach(visit);
  };
  visit(entry.notice.notifier);
  return names;
}

/** Who is to carry it now; undefined when no such notifier is left in the rules. */
export function carrierOf(config: Config, entry: OutboxEntry): string | undefined {
  const carriers = carriersOf(config, entry);
  return carriers[Math.min(entry.carrier, carriers.length - 1)];
}

/** How late a notice would be, in milliseconds; 0 while it is as good as on time. */
export function lateBy(entry: OutboxEntry, now: number): number {
  const age = now - entry.writtenAt;
  return age > LATE_AFTER ? age : 0;
}

/** After an attempt by the present carrier, begun at `begunAt`. The sender has said whether trying again can help. */
export function afterAttempt(
  config: Config,
  entry: OutboxEntry,
  delivery: Delivery,
  now: number,
  policy: DeliveryPolicy = deliveryPolicy,
  begunAt: number = now,
): DeliveryDecision {
  const carriers = carriersOf(config, entry);
  const index = Math.min(entry.carrier, carriers.length - 1);
  const carrier = carriers[index];
  if (delivery.ok) return { do: 'delivered', by: carrier ?? entry.notice.notifier };
  if (carrier === undefined) return { do: 'give-up', reason: 'its notifier is no longer in the rules' };
  const tried: OutboxEntry = {
    ...entry,
    attempts: entry.attempts + 1,
    total: entry.total + 1,
    since: entry.attempts === 0 ? begunAt : entry.since,
    lastReason: delivery.reason,
  };
  const next = carriers[index + 1];
  const longEnough = now - tried.since >= policy.handOverAfter;
  if (next !== undefined && (!delivery.retry || longEnough)) {
    const handed = { ...tried, carrier: index + 1, attempts: 0, since: now, nextAt: now, aside: false };
    return { do: 'keep', entry: handed, handedOver: next };
  }
  const delay = delayAfter(tried, delivery, policy);
  if (delay === undefined) return { do: 'give-up', reason: delivery.reason };
  if (now - entry.writtenAt >= policy.giveUpAfter) {
    return { do: 'give-up', reason: `${delivery.reason} (after ${tried.total} attempts)` };
  }
  return { do: 'keep', entry: { ...tried, nextAt: now + delay, aside: !delivery.retry } };
}

/**
 * Doubles from attempt to attempt, spread by a quarter either way so that waiting notices do not all leave at once.
 * `Retry-After` (RFC 9110, section 10.2.3) is a lower bound, within reason. Undefined: trying again is of no use.
 */
function delayAfter(
  entry: OutboxEntry,
  delivery: Extract<Delivery, { ok: false }>,
  policy: DeliveryPolicy,
): number | undefined {
  if (!delivery.retry) return policy.refusedDelays[entry.attempts - 1];
  const doubled = policy.firstDelay * 2 ** Math.min(30, entry.attempts - 1);
  const spread =
    Math.min(policy.maxDelay, doubled) * (0.75 + 0.5 * fractionOf(`${entry.notice.id}/${entry.attempts}`));
  const patience = Math.min(policy.maxPatience, delivery.retryAfter ?? 0);
  return Math.round(Math.max(Math.min(policy.maxDelay, spread), patience));
}

/**
 * After a notice that something is down was carried by another notifier: the ends that still wait for its own one, which
 * nobody there would understand. To be dropped; the engine, told with `delivered`, writes the end to the one that knows.
 */
export function orphans(entries: Iterable<OutboxEntry>, notice: Notice): readonly OutboxEntry[] {
  if (notice.status !== 'firing') return [];
  const incidents = new Set(notice.items.map(({ incident }) => incident));
  return [...entries].filter(
    (entry) =>
      entry.notice.notifier === notice.notifier &&
      entry.notice.status === 'resolved' &&
      entry.notice.items.length > 0 &&
      entry.notice.items.every(({ incident }) => incidents.has(incident)),
  );
}
