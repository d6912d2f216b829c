import type { Agenda } from './agenda.ts';
import type { Entry } from './job.ts';

/**
 * Jobs whose next turns are certain to bring nothing new rest through them. They are told how many those were, by the clock alone:
 * also those that came while the agent itself stood still.
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
export function createRests(agenda: Pick<Agenda, 'rest' | 'rested' | 'rouse'>): Rests {
  function count(entry: Entry, now: number): void {
    const turns = agenda.rested(entry, now);
    if (turns > 0) entry.job.passedOver?.(turns, entry.restsFrom - (entry.every ?? 0));
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
