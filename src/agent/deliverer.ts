import {
  afterAttempt,
  deliveryPolicy,
  lateBy,
  type OutboxEntry,
  type Turn,
} from '../engine/notices/delivery.ts';
import { newsOf, orphans } from '../engine/notices/heard.ts';
import type { Clock, Timer } from '../host/clock.ts';
import { within } from '../host/time/within.ts';
import type { Config, Notifier } from '../model/config.ts';
import type { Delivery, Notice } from '../model/notice.ts';
import type { EngineState } from '../model/state.ts';
import type { Input } from '../model/step.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Carries notices from the outbox to the notifiers: each notifier at its own pace, each in order, never in the way of a check. */
export interface Deliverer {
  /** There may be something to carry. */
  wake(): void;
  /** Resolves once nothing is being sent: at most when the attempts under way have ended. */
  stop(): Promise<void>;
}

export interface DelivererParts {
  readonly clock: Clock;
  readonly outbox: Outbox<OutboxEntry>;
  readonly config: () => Config;
  /** What the engine knows of incidents now. */
  readonly state: () => Pick<EngineState, 'incidents'>;
  /** Waits until what was written down is on the disk. */
  readonly sync: () => Promise<void>;
  readonly send: (notifier: Notifier, notice: Notice, attempt: Attempt) => Promise<Delivery>;
  readonly tell: (input: Input) => void;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly onBug: (error: unknown, about: string) => void;
}

export interface Attempt {
  readonly attempt: number;
  readonly lateBy: number;
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Milliseconds that one attempt may take; a notifier that ignores its deadline is left behind a little later. */
const SEND_TIMEOUT = 30_000;
const GRACE = 5000;
/** A disk that takes longer to write must not keep a notice from being sent. */
const SYNC_PATIENCE = 1000;
/** So many attempts in a row must fail before a notifier counts as broken, unless it says that trying again will not help. */
const BROKEN_AFTER = 3;
/** A broken notifier is tried with one notice in so many milliseconds; the others go to its fallback. */
const TRY_BROKEN_EVERY = 60_000;
/** What is being sent when the agent stops gets so many milliseconds to end: aborting it would mean sending it twice. */
const STOP_PATIENCE = 3000;
const ABORT_PATIENCE = 500;

/** Carries nothing before the first `wake`, which also takes up what an earlier agent left in the outbox. */
export function createDeliverer(parts: DelivererParts): Deliverer {
  const { clock, outbox, counters, logger } = parts;
  const busy = new Map<string, Promise<void>>();
  /** Notifiers that worked, or since when and why they do not; absent: not tried yet. */
  const known = new Map<
    string,
    'works' | { readonly since: number; readonly reason: string; lastTry: number }
  >();
  const abort = new AbortController();
  let timer: Timer | undefined;
  let stopped = false;

  function wake(): void {
    if (stopped) return;
    const { now } = clock.instant();
    let next = Number.POSITIVE_INFINITY;
    for (const carrier of outbox.lines()) {
      if (busy.has(carrier)) continue;
      const first = outbox.first(carrier);
      if (first === undefined) continue;
      if (first.nextAt > now) {
        next = Math.min(next, first.nextAt);
        continue;
      }
      const carrying = carry(carrier)
        .catch((error: unknown) => parts.onBug(error, `delivering through ${carrier}`))
        .finally(() => {
          busy.delete(carrier);
          wake();
        });
      busy.set(carrier, carrying);
    }
    timer?.cancel();
    if (next !== Number.POSITIVE_INFINITY) timer = clock.after(next - now, wake);
  }

  /** Sends what is due in one line, one after the other, until one fails. */
  async function carry(carrier: string): Promise<void> {
    await within(clock, SYNC_PATIENCE, parts.sync(), undefined);
    for (;;) {
      const entry = outbox.first(carrier);
      const { now } = clock.instant();
      if (entry === undefined || entry.nextAt > now || stopped) return;
      const notifier = parts.config().notifiers[carrier];
      const delivery: Turn =
        notifier === undefined
          ? { ok: false, retry: false, reason: 'its notifier is no longer in the rules' }
          : (passOn(notifier, entry, now) ?? (await attempt(notifier, entry, now)));
      // An attempt that was cut off by the agent's end is no failure of the notifier.
      if (abort.signal.aborted && !delivery.ok) return;
      if (!settle(carrier, entry, delivery, now)) return;
    }
  }

  /** While a notifier is known to be broken, what has a fallback does not wait for attempts of its own. */
  function passOn(notifier: Notifier, entry: OutboxEntry, now: number): Turn | undefined {
    const state = known.get(notifier.name);
    if (typeof state !== 'object' || now - state.since < deliveryPolicy.handOverAfter) return undefined;
    if (notifier.fallback.length === 0 || entry.carrier > 0) return undefined;
    if (now - state.lastTry < TRY_BROKEN_EVERY)
      return { ok: false, retry: true, untried: true, reason: state.reason };
    state.lastTry = now;
    return undefined;
  }

  async function attempt(notifier: Notifier, entry: OutboxEntry, now: number): Promise<Delivery> {
    const late: Delivery = {
      ok: false,
      retry: true,
      reason: `it did not end within ${SEND_TIMEOUT / 1000} s`,
      perhaps: true,
    };
    try {
      const sending = parts.send(notifier, entry.notice, {
        attempt: entry.total + 1,
        lateBy: lateBy(entry, now),
        timeout: SEND_TIMEOUT,
        signal: abort.signal,
      });
      return await within(clock, SEND_TIMEOUT + GRACE, sending, late);
    } catch (error) {
      parts.onBug(error, `sending through ${notifier.name}`);
      return { ok: false, retry: true, reason: 'a mistake in watcher itself; the log has the details' };
    }
  }

  /** Writes down how it went; true when the line may go on. */
  function settle(carrier: string, entry: OutboxEntry, delivery: Turn, begunAt: number): boolean {
    const { notice } = entry;
    const { now } = clock.instant();
    const decision = afterAttempt(parts.config(), entry, delivery, now, deliveryPolicy, begunAt);
    const reason = delivery.ok ? '' : delivery.reason;
    if (decision.do !== 'give-up') count(carrier, delivery.ok ? 'delivered' : 'failed');
    switch (decision.do) {
      case 'delivered':
        outbox.remove(entry);
        logger.debug(`told ${carrier}: ${notice.title}`);
        if (delivery.ok && delivery.missed !== undefined) {
          // Whoever got it must not get it again, so it is not tried again for the others.
          count(carrier, 'partly-refused');
          logger.warn(`told ${carrier}, but not ${delivery.missed}: they do not get ${notice.title}`);
        }
        found(carrier, undefined);
        if (carrier !== notice.notifier) {
          for (const { entry: end, left } of orphans(outbox.all(), entry, parts.state())) {
            if (left === undefined) outbox.remove(end);
            else outbox.update(left);
          }
        }
        tellWhoHeard(entry, carrier);
        return true;
      case 'give-up':
        outbox.remove(entry);
        count(carrier, 'given-up');
        logger.error(`gave up telling ${carrier}: ${decision.reason} (${notice.title})`);
        found(carrier, reason);
        return true;
      case 'keep': {
        // While it was being sent, what nobody there would understand may have been taken out of it, or all of it.
        const present = outbox.get(entry.number);
        if (present === undefined) return true;
        outbox.update({ ...decision.entry, notice: present.notice });
        if (decision.handedOver !== undefined) {
          logger.warn(
            `could not tell ${carrier}: ${reason}; ${decision.handedOver} takes over (${notice.title})`,
          );
          found(carrier, reason);
          wake();
          return true;
        }
        logger.warn(`could not tell ${carrier}: ${reason}; it is tried again (${notice.title})`);
        if (decision.entry.attempts >= BROKEN_AFTER) found(carrier, reason);
        return false;
      }
    }
  }

  /** The engine owes the end to whoever heard of the beginning. */
  function tellWhoHeard(entry: OutboxEntry, carrier: string): void {
    const news = newsOf(entry, carrier);
    if (news) parts.tell(news);
  }

  function count(notifier: string, result: 'delivered' | 'failed' | 'given-up' | 'partly-refused'): void {
    counters.add('notices', { notifier, result });
  }

  /** Tells the engine when a notifier stops or begins to work again: it is an incident of its own. */
  function found(carrier: string, reason: string | undefined): void {
    const before = known.get(carrier);
    if (reason === undefined ? before === 'works' : typeof before === 'object') return;
    const { now } = clock.instant();
    known.set(carrier, reason === undefined ? 'works' : { since: now, reason, lastTry: now });
    if (!(carrier in parts.config().notifiers)) return;
    const working = reason === undefined;
    parts.tell({ type: 'delivery', notifier: carrier, working, ...(working ? {} : { reason }) });
  }

  return {
    wake,
    async stop() {
      stopped = true;
      timer?.cancel();
      const ended = Promise.allSettled([...busy.values()]);
      const force = clock.after(STOP_PATIENCE, () => abort.abort(new Error('the agent is stopping')));
      // A sender that does not listen to that either is left behind.
      await within(clock, STOP_PATIENCE + ABORT_PATIENCE, ended, undefined);
      force.cancel();
    },
  };
}
