import type { MetricsSource } from '../control/describe-metrics.ts';
import type { Clock } from '../host/clock.ts';
import type { Event, EventType } from '../model/event.ts';
import type { Input } from '../model/step.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Scheduler } from './schedule/scheduler.ts';

/** What the agent counts about itself, for its metrics. */
export interface Figures {
  countInput(input: Input): void;
  countEvent(event: Event): void;
  now(): Pick<MetricsSource, 'counters' | 'scheduler' | 'oldestUndelivered' | 'process'>;
}

const repairResults: Readonly<Partial<Record<EventType, string>>> = {
  'repair-started': 'started',
  'repair-held': 'held',
  'repair-failed': 'failed',
};

export function createFigures(parts: {
  readonly clock: Pick<Clock, 'timers'>;
  readonly counters: Counters;
  readonly scheduler: Pick<Scheduler, 'stats' | 'behind'>;
  readonly oldestUndelivered: () => number | undefined;
}): Figures {
  const { counters, scheduler } = parts;
  return {
    countInput(input) {
      if (input.type === 'observed') counters.add('probes', { outcome: input.result.outcome });
    },
    countEvent({ type, service }) {
      counters.add('events', { type });
      const result = repairResults[type];
      if (result !== undefined) counters.add('repairs', { service, result });
    },
    now() {
      const oldest = parts.oldestUndelivered();
      const { user, system } = process.cpuUsage();
      return {
        counters,
        scheduler: { ...scheduler.stats(), behind: scheduler.behind(), timers: parts.clock.timers() },
        ...(oldest === undefined ? {} : { oldestUndelivered: oldest }),
        process: {
          residentBytes: process.memoryUsage.rss(),
          cpuSeconds: (user + system) / 1e6,
          startedAt: performance.timeOrigin,
        },
      };
    },
  };
}
