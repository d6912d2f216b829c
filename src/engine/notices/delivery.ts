import { backoff } from '../../lib/backoff.ts';
import type { Config } from '../../model/config.ts';
import { type Delivery, LATE_AFTER, type Notice } from '../../model/notice.ts';

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
  /** When the last attempt ended. */
  readonly triedAt?: number;
  readonly lastReason?: string;
  /** How often all its carriers have had their turn. */
  readonly rounds?: number;
  /** Somebody failed in this round in a way that may pass. */
  readonly hope?: boolean;
  /** Notifiers that may have got it without saying so. */
  readonly perhaps?: readonly string[];
  /** Refused for what it is: it waits beside the line for its next chance. */
  readonly aside?: boolean;
}

/** How a carrier's turn ended: by an attempt, or without one because it is known to be broken just now. */
export type Turn =
  | Delivery
  | { readonly ok: false; readonly retry: true; readonly untried: true; readonly reason: string };

/** What to do with an entry after an attempt. */
export type DeliveryDecision =
  /** Remove it. `by`: the notifier that carried it. What the engine has to know of it: `newsOf`. */
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
  /** After this it is given up. */
  readonly giveUpAfter: number;
  /**
   * Pauses after an answer that will not change by itself, where nobody else can carry it either, before it is given up:
   * somebody may mend a wrong password or a full mailbox within a day.
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

/** A notice that was just written, due at once. */
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
  const { notifier: own, alsoTold = [] } = entry.notice;
  visit(own);
  return names.filter((name) => name === own || !alsoTold.includes(name));
}

/** Who is to carry it now; undefined when no such notifier is left in the rules. */
export function carrierOf(config: Config, entry: OutboxEntry): string | undefined {
  const carriers = carriersOf(config, entry);
  return carriers[Math.min(entry.carrier, carriers.length - 1)];
}

/** How late a notice would be, in milliseconds; 0 while it is as good as on time. */
export function lateBy(entry: OutboxEntry, now: number): number {
  const age = now - entry.writtenAt;
  return age >= LATE_AFTER ? age : 0;
}

/**
 * After the turn of the present carrier, begun at `begunAt`. The sender has said whether trying again can help. When the
 * last carrier fails it begins again with the first one: that may be well by then.
 */
export function afterAttempt(
  config: Config,
  entry: OutboxEntry,
  turn: Turn,
  now: number,
  policy: DeliveryPolicy = deliveryPolicy,
  begunAt: number = now,
): DeliveryDecision {
  const carriers = carriersOf(config, entry);
  const index = Math.min(entry.carrier, carriers.length - 1);
  const carrier = carriers[index];
  if (turn.ok) return { do: 'delivered', by: carrier ?? entry.notice.notifier };
  if (carrier === undefined) return { do: 'give-up', reason: 'its notifier is no longer in the rules' };
  const { rounds = 0, perhaps = [] } = entry;
  const tried: OutboxEntry = {
    ...entry,
    attempts: entry.attempts + 1,
    total: entry.total + 1,
    since: entry.attempts === 0 ? begunAt : entry.since,
    triedAt: now,
    lastReason: turn.reason,
    hope: entry.hope === true || turn.retry,
    ...('perhaps' in turn && turn.perhaps && { perhaps: [...new Set([...perhaps, carrier])] }),
  };
  // Who had a whole turn in vain before has one attempt from then on.
  const longEnough = now - tried.since >= policy.handOverAfter || rounds > 0 || 'untried' in turn;
  const turnIsOver = carriers.length > 1 && (!turn.retry || longEnough);
  const next = carriers[index + 1];
  if (turnIsOver && next !== undefined) {
    return { do: 'keep', entry: handTo(tried, index + 1, now), handedOver: next };
  }
  const delay = turnIsOver ? delayAfterRound(tried, turn, policy) : delayAfter(tried, turn, policy);
  if (delay === undefined) return { do: 'give-up', reason: turn.reason };
  if (now - entry.writtenAt >= policy.giveUpAfter) {
    return { do: 'give-up', reason: `${turn.reason} (after ${tried.total} attempts)` };
  }
  if (!turnIsOver) return { do: 'keep', entry: { ...tried, nextAt: now + delay, aside: !turn.retry } };
  const again = { ...handTo(tried, 0, now + delay), rounds: rounds + 1, hope: false, aside: true };
  return { do: 'keep', entry: again, handedOver: carriers[0] ?? carrier };
}

function handTo(entry: OutboxEntry, carrier: number, at: number): OutboxEntry {
  return { ...entry, carrier, attempts: 0, since: at, nextAt: at, aside: false };
}

/**
 * Grows from attempt to attempt. `Retry-After` (RFC 9110, section 10.2.3) is a lower bound, within reason. Undefined:
 * trying again is of no use.
 */
function delayAfter(
  entry: OutboxEntry,
  turn: Extract<Turn, { ok: false }>,
  policy: DeliveryPolicy,
): number | undefined {
  if (!turn.retry) return policy.refusedDelays[entry.attempts - 1];
  return patiently(entry, turn, policy, entry.attempts);
}

/** Rounds begin a minute apart, then ever more rarely. Only where all refused for good, they come to an end. */
function delayAfterRound(
  { hope, ...entry }: OutboxEntry,
  turn: Extract<Turn, { ok: false }>,
  policy: DeliveryPolicy,
): number | undefined {
  const { rounds = 0 } = entry;
  return hope ? patiently(entry, turn, policy, rounds + ROUND) : policy.refusedDelays[rounds];
}

/** A round takes as long as so many attempts. */
const ROUND = 6;

function patiently(
  { notice }: OutboxEntry,
  turn: Extract<Turn, { ok: false }>,
  { firstDelay, maxDelay, maxPatience }: DeliveryPolicy,
  failures: number,
): number {
  const asked = 'retryAfter' in turn ? (turn.retryAfter ?? 0) : 0;
  const delay = backoff({ min: firstDelay, max: maxDelay }, failures, notice.id);
  return Math.max(delay, Math.min(maxPatience, asked));
}

/** An entry of an earlier agent. Where the clock was set back meanwhile it is due now, not in days. */
export function afterRestart(entry: OutboxEntry, now: number): OutboxEntry {
  const { writtenAt, since, triedAt = since } = entry;
  if (Math.max(writtenAt, since, triedAt) <= now) return entry;
  return {
    ...entry,
    writtenAt: Math.min(writtenAt, now),
    since: Math.min(since, now),
    triedAt: Math.min(triedAt, now),
    nextAt: Math.min(entry.nextAt, now),
  };
}
