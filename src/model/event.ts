import type { Severity } from './service.ts';

/** A change worth recording. The phrase for people is in `text`; programs look at `type`. */
export interface Event {
  readonly at: number;
  readonly type: EventType;
  readonly service: string;
  readonly check?: string;
  readonly incident?: string;
  readonly severity?: Severity;
  readonly text: string;
}

export type EventType =
  | 'failed'
  | 'recovered'
  | 'warning'
  | 'unknown'
  | 'severity-raised'
  | 'repair-started'
  | 'repair-finished'
  | 'repair-held'
  | 'repair-failed'
  | 'repair-withheld'
  | 'stood-down'
  | 'repair-resumed'
  | 'flapping'
  | 'flapping-ended'
  | 'stopped'
  | 'started'
  | 'monitored'
  | 'unmonitored'
  | 'operation-started'
  | 'operation-finished'
  | 'acknowledged'
  | 'silenced'
  | 'silence-ended'
  | 'notice-withheld'
  | 'closed'
  | 'distrust'
  | 'trust'
  | 'reloaded'
  | 'reload-refused'
  | 'notifier-failed'
  | 'notifier-recovered'
  | 'state-not-saved'
  | 'state-saved'
  | 'state-damaged'
  | 'agent-started'
  | 'agent-stopped';
