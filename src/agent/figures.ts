import type { MetricsSource } from '../control/describe-metrics.ts';
import type { Host } from '../host/host.ts';
import type { Event, EventType } from '../model/event.ts';
import type { Input } from '../model/step.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Scheduler } from './schedule/scheduler.ts';

/** What the agent counts about itself, for its metrics. */
export interface Figures {
  countInput(input: Input): void;
  /** Looks that were certain to bring the reading of last time: they count as ones that did. */
  countPassedOver(turns: number): void;
  countEvent(event: Event): void;
  now(): Pick<MetricsSource, 'counters' | 'scheduler' | 'oldestUndelivered' | 'process'>;
}

const repairResults: Readonly<Partial<Record<EventType, string>>> = {
  'repair-started': 'started',
  'repair-held': 'held',
  'repair-failed': 'failed',
};

const READ = { outcome: 'read' } as const;

/** Counts nothing by itself; `now` takes the figures of this moment. */
export function createFigures(parts: {
  readonly host: Pick<Host, 'clock' | 'self'>;
  readonly counters: Counters;
  readonly scheduler: Pick<Scheduler, 'stats' | 'behind'>;
  readonly oldestUndelivered: () => number | undefined;
}): Figures {
  const { counters, scheduler } = parts;
  /** Thousands, of which nobody asks before `now`. */
  let passedOver = 0;
  return {
    countInput(input) {
      if (input.type === 'observed') counters.add('probes', { outcome: input.result.outcome });
    },
    countPassedOver(turns) {
      passedOver += turns;
    },
    countEvent({ type, service }) {
      counters.add('events', { type });
      const result = repairResults[type];
      if (result !== undefined) counters.add('repairs', { service, result });
    },
    now() {
      // Counts the turns that were rested through until now.
      const stats = scheduler.stats();
      if (passedOver > 0) counters.add('probes', READ, passedOver);
      passedOver = 0;
      const oldest = parts.oldestUndelivered();
      return {
        counters,
        scheduler: { ...stats, behind: scheduler.behind(), timers: parts.host.clock.timers() },
        ...(oldest === undefined ? {} : { oldestUndelivered: oldest }),
        process: parts.host.self.usage(),
      };
    },
  };
}
