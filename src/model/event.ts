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

/** How an event is to be taken by people: the level of the log, the colour on a terminal. */
export type EventWeight = 'bad' | 'odd' | 'good' | 'plain';

const weights: Readonly<Partial<Record<EventType, EventWeight>>> = {
  failed: 'bad',
  'severity-raised': 'bad',
  'repair-failed': 'bad',
  'stood-down': 'bad',
  'notifier-failed': 'bad',
  'state-not-saved': 'bad',
  distrust: 'bad',
  warning: 'odd',
  unknown: 'odd',
  flapping: 'odd',
  'repair-withheld': 'odd',
  'reload-refused': 'odd',
  'state-damaged': 'odd',
  recovered: 'good',
  'repair-held': 'good',
  'notifier-recovered': 'good',
  'state-saved': 'good',
  trust: 'good',
};

/** What is bad is only odd for an incident that is no more than a warning. */
export function weightOf({ type, severity }: Pick<Event, 'type' | 'severity'>): EventWeight {
  const weight = weights[type] ?? 'plain';
  return weight === 'bad' && severity === 'warning' ? 'odd' : weight;
}
