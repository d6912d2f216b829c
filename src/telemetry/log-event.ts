import type { Event, EventType } from '../model/event.ts';
import type { Logger } from './logger.ts';

const ERRORS: ReadonlySet<EventType> = new Set([
  'failed',
  'stood-down',
  'repair-failed',
  'notifier-failed',
  'distrust',
]);
const WARNINGS: ReadonlySet<EventType> = new Set([
  'warning',
  'unknown',
  'severity-raised',
  'flapping',
  'reload-refused',
  'state-damaged',
]);

/** Writes an event as a line: `api/responds: failed: latency 812 ms, expected < 500 ms [api-7K3F]`. */
export function logEvent(logger: Logger, event: Event): void {
  const about = event.check === undefined ? event.service : `${event.service}/${event.check}`;
  const incident = event.incident === undefined ? '' : ` [${event.incident}]`;
  const line = `${about === '' ? '' : `${about}: `}${event.type}: ${event.text}${incident}`;
  if (ERRORS.has(event.type) && event.severity !== 'warning') logger.error(line);
  else if (WARNINGS.has(event.type) || ERRORS.has(event.type)) logger.warn(line);
  else logger.info(line);
}
