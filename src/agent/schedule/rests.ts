import type { Agenda } from './agenda.ts';
import type { Entry } from './job.ts';
import type { Punctuality } from './punctuality.ts';

/**
 * Jobs whose next turns are certain to bring nothing new rest through them. Those turns count as starts, and whoever asks in the
 * middle of a rest finds them counted.
 */
export interface Rests {
  /** It rests from its next turn on, until `until`; both on the scale of `Instant.now`. */
  begin(entry: Entry, until: number): void;
  /** Counts the turns that it has rested through up to `now`. */
  count(entry: Entry, now: number): void;
  /** It has its next turn again. */
  end(entry: Entry, now: number): void;
}

/** None rests yet. */
export function createRests(
  agenda: Pick<Agenda, 'rest' | 'rested' | 'rouse'>,
  punctuality: Pick<Punctuality, 'rested'>,
): Rests {
  function count(entry: Entry, now: number): void {
    const turns = agenda.rested(entry, now);
    if (turns === 0) return;
    punctuality.rested(turns);
    entry.job.passedOver?.(turns, entry.restsFrom - (entry.every ?? 0));
  }

  return {
    begin: agenda.rest,
    count,
    end(entry, now) {
      count(entry, now);
      agenda.rouse(entry);
    },
  };
}

/** Whether it rests now. */
export function isResting({ restsFrom }: Entry): boolean {
  return restsFrom !== Number.POSITIVE_INFINITY;
}
