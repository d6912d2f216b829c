import { isSilenceActive } from '../engine/notices/mute.ts';
import { getFromShelf, shelfValues } from '../lib/shelf.ts';
import type { ServiceStateName } from '../model/state.ts';
import type { Counters, Sample } from '../telemetry/counters.ts';
import type { MetricFamily } from '../telemetry/exposition.ts';
import { lastRunOf, type ViewSource } from './view-source.ts';

/** What metrics are made of besides the state. */
export interface MetricsSource extends ViewSource {
  readonly counters: Pick<Counters, 'of'>;
  /** Wall time at which the rules in force were read. */
  readonly loadedAt: number;
  readonly scheduler: SchedulerFigures;
  /** On the scale of `now`. */
  readonly oldestUndelivered?: number;
  readonly process: ProcessFigures;
}

/** Lateness in milliseconds. */
export interface SchedulerFigures {
  readonly running: number;
  readonly waiting: number;
  readonly missed: number;
  readonly starts: number;
  readonly lateness: number;
  readonly behind: number;
  /** Of the agent's clock, all of them. */
  readonly timers: number;
}

/** What the agent itself takes. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Wall time. */
  readonly startedAt: number;
}

const serviceStates: readonly ServiceStateName[] = [
  ...(['pending', 'up', 'warning', 'failing', 'down', 'unknown', 'paused'] as const),
  ...(['starting', 'stopping', 'stopped', 'unmonitored'] as const),
];

/** Everything that Prometheus may ask of an agent, in base units. */
export function describeMetrics(source: MetricsSource): readonly MetricFamily[] {
  return [...ofAgent(source), ...ofServices(source), ...ofChecks(source), ...ofWork(source)];
}

function ofAgent(source: MetricsSource): readonly MetricFamily[] {
  const { agent, loadedAt, process } = source;
  return [
    gauge('watcher_build_info', 'Always 1; the version of the agent as a label.', 1, {
      version: agent.version,
    }),
    gauge('process_resident_memory_bytes', 'Resident memory of the agent.', process.residentBytes),
    {
      name: 'process_cpu_seconds',
      type: 'counter',
      help: 'Processor time the agent has used.',
      samples: [{ labels: {}, value: process.cpuSeconds }],
    },
    gauge('process_start_time_seconds', 'When the agent was started.', process.startedAt / 1000),
    gauge(
      'watcher_reload_success',
      'Whether the last try to read the rules succeeded; with 0 the rules from before are in force.',
      agent.reloadRefused === undefined ? 1 : 0,
    ),
    gauge(
      'watcher_reload_last_success_timestamp_seconds',
      'When the rules in force were read.',
      loadedAt / 1000,
    ),
    gauge(
      'watcher_trusted',
      'Whether the agent trusts its own results just now.',
      agent.distrust === undefined ? 1 : 0,
    ),
    gauge(
      'watcher_state_durable',
      'Whether the state could be saved the last time.',
      agent.stateTrouble === undefined ? 1 : 0,
    ),
  ];
}

function ofServices(source: MetricsSource): readonly MetricFamily[] {
  const { config, state } = source;
  const samples = config.services.flatMap(({ name: service }): readonly Sample[] => {
    const current = getFromShelf(state.services, service)?.state ?? 'pending';
    return serviceStates.map((one) => ({
      labels: { service, state: one },
      value: one === current ? 1 : 0,
    }));
  });
  return [
    {
      name: 'watcher_service_state',
      type: 'gauge',
      help: 'The state of each service: 1 at the one it is in.',
      samples,
    },
  ];
}

function ofChecks(source: MetricsSource): readonly MetricFamily[] {
  const up: Sample[] = [];
  const duration: Sample[] = [];
  const lastRun: Sample[] = [];
  for (const { name: service, checks } of source.config.services) {
    const states = getFromShelf(source.state.services, service)?.checks;
    for (const { name: check, kind } of checks) {
      const state = states?.[check];
      if (state === undefined) continue;
      const labels = { service, check, kind };
      if (state.state === 'up' || state.state === 'warning') up.push({ labels, value: 1 });
      if (state.state === 'down' || state.state === 'failing') up.push({ labels, value: 0 });
      if (state.tookMs !== undefined) duration.push({ labels, value: state.tookMs / 1000 });
      const ranAt = lastRunOf(source, service, state);
      if (ranAt !== undefined) lastRun.push({ labels, value: ranAt / 1000 });
    }
  }
  const help = 'Whether a check is well (also with a warning); absent while that is not known.';
  return [
    { name: 'watcher_check_up', type: 'gauge', help, samples: up },
    {
      name: 'watcher_check_duration_seconds',
      type: 'gauge',
      help: 'How long the last look took.',
      samples: duration,
    },
    {
      name: 'watcher_check_last_run_timestamp_seconds',
      type: 'gauge',
      help: 'When a check looked last.',
      samples: lastRun,
    },
  ];
}

function ofWork(source: MetricsSource): readonly MetricFamily[] {
  const { agent, at, counters, oldestUndelivered, scheduler, state } = source;
  const open = shelfValues(state.incidents).filter(({ closedAt }) => closedAt === undefined);
  const counter = (name: string, help: string): MetricFamily => ({
    name: `watcher_${name}`,
    type: 'counter',
    help,
    samples: counters.of(name),
  });
  return [
    counter(
      'probes',
      'Looks that ended: read, failed (there was not all to measure), or unknown (it could not be told).',
    ),
    counter('repairs', 'Repairs by service and what became of them: started, held, failed.'),
    counter('notices', 'Attempts to deliver a notice, by notifier and result.'),
    counter('events', 'Changes worth recording, by type.'),
    {
      name: 'watcher_incidents_open',
      type: 'gauge',
      help: 'Incidents that are open, by severity.',
      samples: (['warning', 'critical'] as const).map((severity) => ({
        labels: { severity },
        value: open.filter((incident) => incident.severity === severity).length,
      })),
    },
    gauge(
      'watcher_silences_active',
      'Silences in force.',
      state.silences.filter((silence) => isSilenceActive(silence, at.wall)).length,
    ),
    gauge('watcher_outbox_length', 'Notices that wait for delivery.', agent.undelivered),
    gauge(
      'watcher_outbox_oldest_seconds',
      'Age of the oldest notice that waits for delivery.',
      (at.now - (oldestUndelivered ?? at.now)) / 1000,
    ),
    gauge('watcher_scheduler_running', 'Looks under way.', scheduler.running),
    gauge(
      'watcher_scheduler_waiting',
      'Looks whose turn came and that wait for a free lane.',
      scheduler.waiting,
    ),
    gauge('watcher_timers', 'Timers that wait for their time.', scheduler.timers),
    gauge('watcher_scheduler_behind_seconds', 'How long the next turn is overdue.', scheduler.behind / 1000),
    {
      name: 'watcher_scheduler_lateness_seconds',
      type: 'summary',
      help: 'How late looks began.',
      samples: [{ labels: {}, value: scheduler.lateness / 1000 }],
      counts: [{ labels: {}, value: scheduler.starts }],
    },
    {
      name: 'watcher_scheduler_missed',
      type: 'counter',
      help: 'Turns that came while the last look of the same check was not over.',
      samples: [{ labels: {}, value: scheduler.missed }],
    },
  ];
}

function gauge(name: string, help: string, value: number, labels: Sample['labels'] = {}): MetricFamily {
  return { name, type: 'gauge', help, samples: [{ labels, value }] };
}
