import type { Redactor } from '../../lib/redactor.ts';
import type { Event } from '../../model/event.ts';
import type { EventLog } from '../../state/event-log.ts';
import { logEvent } from '../../telemetry/log-event.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Figures } from '../figures.ts';

/** What happened, on its way to everybody who wants to know: the event log, the figures, the journal, whoever follows. */
export interface News {
  publish(events: readonly Event[]): void;
  /** Calls back with each event, masked, until the returned function is called. */
  follow(told: (event: Event) => void): () => void;
}

/** Nothing leaves it that `redact` knows for a secret. */
export function createNews(parts: {
  readonly events: EventLog;
  readonly figures: Figures;
  readonly logger: Logger;
  readonly redact: Redactor;
}): News {
  const followers = new Set<(event: Event) => void>();
  return {
    publish(events) {
      const clean = events.map((event) => ({ ...event, text: parts.redact(event.text) }));
      parts.events.append(clean);
      for (const event of clean) {
        parts.figures.countEvent(event);
        logEvent(parts.logger, event);
        for (const told of followers) told(event);
      }
    },
    follow(told) {
      followers.add(told);
      return () => followers.delete(told);
    },
  };
}
