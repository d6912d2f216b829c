import type { Notifier } from '../../model/config.ts';
import type { NotifierRate } from '../../model/state.ts';

type Limit = NonNullable<Notifier['rateLimit']>;

/** When messages left that still count. Times of `now`, as everywhere in the state. */
export function sentLately({ sent }: NotifierRate, { window }: Limit, now: number): readonly number[] {
  return sent.filter((at) => at > now - window);
}

/** When a notifier with this limit may take one more message: `now` when it may at once. */
export function rateFreesAt(rate: NotifierRate, limit: Limit, now: number): number {
  const recent = sentLately(rate, limit, now);
  const oldest = recent[recent.length - limit.messages];
  return oldest === undefined ? now : oldest + limit.window;
}
