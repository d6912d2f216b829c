import { type Event, weightOf } from '../model/event.ts';
import type { Logger } from './logger.ts';

const levels = { bad: 'error', odd: 'warn', good: 'info', plain: 'info' } as const;

/** Writes an event as a line: `api/responds: failed: latency 812 ms, expected < 500 ms [api-7K3F]`. */
export function logEvent(logger: Logger, event: Event): void {
  const about = event.check === undefined ? event.service : `${event.service}/${event.check}`;
  const incident = event.incident === undefined ? '' : ` [${event.incident}]`;
  const line = `${about === '' ? '' : `${about}: `}${event.type}: ${event.text}${incident}`;
  logger[levels[weightOf(event)]](line);
}
