import type { Config } from '../model/config.ts';
import type { Delivery, Notice } from '../model/notice.ts';
import {
  type Carriers,
  carrierFailed,
  type DeliveryPolicy,
  delayOf,
  deliveryPolicy,
  isBroken,
} from './carrier.ts';

/** One notice on its way. Plain data: stored before the first attempt, changed only by the functions here. */
export interface OutboxEntry {
  readonly notice: Notice;
  /** Order of writing. */
  readonly number: number;
  /** When it was written, on the scale of `now`. */
  readonly writtenAt: number;
  readonly attempts: number;
  /** Since when the carrier that is being tried has been tried. */
  readonly since: number;
  readonly nextAt: number;
  /** Notifiers that have had their chance with this one. */
  readonly skip: readonly string[];
  readonly lastReason?: string;
}

/** An entry whose time has come, and the notifier to send it with. */
export interface Sendable {
  readonly entry: OutboxEntry;
  readonly carrier: string;
  /** Milliseconds behind its time; 0 while it is as good as on time. To be shown in the message. */
  readonly lateBy: number;
}

export type DeliveryDecision =
  /** Remove it. Give the engine `delivered` when `by` is not the notice's own notifier, and drop `orphans`. */
  | { readonly do: 'delivered'; readonly by: string }
  /** Keep it in this form. */
  | { readonly do: 'keep'; readonly entry: OutboxEntry }
  /** Remove it, and say so in the log: nobody could be told. */
  | { readonly do: 'give-up'; readonly reason: string };

/** A notice delivered later than this after it was written is late. Milliseconds. */
const LATE_AFTER = 60_000;

export function newEntry(notice: Notice, number: number, now: number): OutboxEntry {
  return { notice, number, writtenAt: now, attempts: 0, since: now, nextAt: now, skip: [] };
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
  return names.filter((name) => !entry.skip.includes(name));
}

/**
 * Who is to carry it now: the first that is not known to be broken; where all are, the first. Undefined when none is
 * left in the rules.
 */
function carrierOf(config: Config, entry: OutboxEntry, carriers: Carriers, now: number): string | undefined {
  const names = carriersOf(config, entry);
  return names.find((name) => !isBroken(carriers[name], now)) ?? names[0];
}

/**
 * What to send now, at most one per carrier. A notice waits for older ones to the same reader about the same incident,
 * so that nobody reads "up" before "down"; it does not wait for any other, so one that is refused for ever holds up none.
 */
export function nextToSend(
  config: Config,
  entries: readonly OutboxEntry[],
  carriers: Carriers,
  busy: ReadonlySet<string>,
  now: number,
): readonly Sendable[] {
  const best = new Map<string, OutboxEntry>();
  for (const entry of inTurn(entries)) {
    const carrier = carrierOf(config, entry, carriers, now);
    if (carrier === undefined || busy.has(carrier)) continue;
    if (entry.nextAt > now || (carriers[carrier]?.nextAt ?? 0) > now) continue;
    const other = best.get(carrier);
    if (!other || before(entry, other)) best.set(carrier, entry);
  }
  return [...best].map(([carrier, entry]) => ({ entry, carrier, lateBy: lateBy(entry, now) }));
}

/** Fresh ones first, so that one that keeps failing takes no one's turn; then the older one. */
function before(one: OutboxEntry, other: OutboxEntry): boolean {
  return one.attempts !== other.attempts ? one.attempts < other.attempts : one.number < other.number;
}

/** Without those that must wait for an older one. */
function inTurn(entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
  const oldest = new Map<string, number>();
  const keys = ({ notice }: OutboxEntry) =>
    notice.items.map(({ incident }) => `${notice.notifier}\n${incident}`);
  for (const entry of entries) {
    for (const key of keys(entry)) {
      oldest.set(key, Math.min(entry.number, oldest.get(key) ?? entry.number));
    }
  }
  return entries.filter((entry) => keys(entry).every((key) => oldest.get(key) === entry.number));
}

function lateBy(entry: OutboxEntry, now: number): number {
  const age = now - entry.writtenAt;
  return age > LATE_AFTER ? age : 0;
}

/** When the outbox wants to be looked at again; undefined when there is nothing to send. Carriers that are busy report anyway. */
export function outboxWakeAt(
  config: Config,
  entries: readonly OutboxEntry[],
  carriers: Carriers,
  now: number,
): number | undefined {
  let soonest: number | undefined;
  for (const entry of inTurn(entries)) {
    const carrier = carrierOf(config, entry, carriers, now);
    if (carrier === undefined) continue;
    const at = Math.max(entry.nextAt, carriers[carrier]?.nextAt ?? 0);
    if (soonest === undefined || at < soonest) soonest = at;
  }
  return soonest;
}

/** Entries for which no notifier is left in the rules: to be dropped, and said so. */
export function undeliverable(config: Config, entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
  return entries.filter((entry) => carriersOf(config, entry).length === 0);
}

/** After an attempt with `carrier`. The sender has said whether trying again can help. */
export function afterAttempt(
  config: Config,
  { entry, carrier }: Pick<Sendable, 'entry' | 'carrier'>,
  delivery: Delivery,
  carriers: Carriers,
  now: number,
  policy: DeliveryPolicy = deliveryPolicy,
): { readonly decision: DeliveryDecision; readonly carriers: Carriers } {
  if (delivery.ok) {
    const { [carrier]: _, ...healthy } = carriers;
    return { decision: { do: 'delivered', by: carrier }, carriers: carrier in carriers ? healthy : carriers };
  }
  const decision = afterFailure(config, entry, carrier, delivery, now, policy);
  return { decision, carriers: carrierFailed(carriers, carrier, delivery, now, policy) };
}

function afterFailure(
  config: Config,
  entry: OutboxEntry,
  carrier: string,
  delivery: Extract<Delivery, { ok: false }>,
  now: number,
  policy: DeliveryPolicy,
): DeliveryDecision {
  const since = entry.attempts === 0 ? now : entry.since;
  const tried: OutboxEntry = { ...entry, attempts: entry.attempts + 1, since, lastReason: delivery.reason };
  const others = carriersOf(config, entry).filter((name) => name !== carrier);
  const hadChance = !delivery.retry || now - since >= policy.handOverAfter;
  if (hadChance && others.length > 0) {
    return { do: 'keep', entry: { ...tried, skip: [...entry.skip, carrier], since: now, nextAt: now } };
  }
  if (!delivery.retry) return { do: 'give-up', reason: delivery.reason };
  if (now - entry.writtenAt >= policy.giveUpAfter) {
    return { do: 'give-up', reason: `${delivery.reason} (after ${tried.attempts} attempts)` };
  }
  const delay = delayOf(policy, tried.attempts, entry.notice.id, delivery.retryAfter);
  return { do: 'keep', entry: { ...tried, nextAt: now + delay } };
}

/**
 * After a notice that something is down was carried by another notifier: the ends that wait for its own one. Nobody
 * reads them there; the engine, told with `delivered`, writes the end to the one that did carry it. To be dropped.
 */
export function orphans(entries: readonly OutboxEntry[], notice: Notice): readonly OutboxEntry[] {
  if (notice.status !== 'firing') return [];
  const incidents = new Set(notice.items.map(({ incident }) => incident));
  return entries.filter(
    (entry) =>
      entry.notice.notifier === notice.notifier &&
      entry.notice.status === 'resolved' &&
      entry.notice.items.length > 0 &&
      entry.notice.items.every(({ incident }) => incidents.has(incident)),
  );
}
