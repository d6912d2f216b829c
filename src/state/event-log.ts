import { appendFileSync, closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../model/event.ts';

/** What happened, kept on disk within a bound: the newest one or two files of `MOST_BYTES`. */
export interface EventLog {
  /** Writes them at the end. A disk that takes no more loses them: events are a record, nothing depends on them. */
  append(events: readonly Event[]): void;
  /** Oldest first; at most `limit` of the newest that match. */
  read(query?: EventQuery): readonly Event[];
}

export interface EventQuery {
  readonly service?: string;
  /** Wall milliseconds since the epoch. */
  readonly since?: number;
  readonly limit?: number;
}

const MOST_BYTES = 4 * 1024 * 1024;
/** How much of the end is read for one question. */
const READ_BYTES = 2 * 1024 * 1024;

/** The event log of a state folder: `events.ndjson` and, once that is full, `events.1.ndjson`. */
export function openEventLog(folder: string): EventLog {
  const current = join(folder, 'events.ndjson');
  const earlier = join(folder, 'events.1.ndjson');
  let size = statSync(current, { throwIfNoEntry: false })?.size ?? 0;
  return {
    append(events) {
      if (events.length === 0) return;
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      try {
        if (size > MOST_BYTES) {
          renameSync(current, earlier);
          size = 0;
        }
        appendFileSync(current, text, { mode: 0o600 });
        size += Buffer.byteLength(text);
      } catch {
        // Full or read-only: the store tells people about that, once, and for everything.
      }
    },
    read(query = {}) {
      const events = parse(tail(current, READ_BYTES));
      const matching = matches(events, query);
      const enough = query.limit !== undefined && matching.length >= query.limit;
      const older = enough ? [] : matches(parse(tail(earlier, READ_BYTES)), query);
      const all = [...older, ...matching];
      return newest(all, query.limit);
    },
  };
}

/** Keeps the newest events in memory only: for a dry run. */
export function memoryEventLog(most = 1000): EventLog {
  const events: Event[] = [];
  return {
    append(more) {
      events.push(...more);
      if (events.length > most) events.splice(0, events.length - most);
    },
    read(query = {}) {
      const matching = matches(events, query);
      return newest(matching, query.limit);
    },
  };
}

/** The last `limit`; `slice(-0)` would be all of them. */
function newest(events: readonly Event[], limit: number | undefined): readonly Event[] {
  if (limit === undefined) return events;
  return limit === 0 ? [] : events.slice(-limit);
}

function matches(events: readonly Event[], { service, since }: EventQuery): readonly Event[] {
  return events.filter(
    (event) =>
      (service === undefined || event.service === service) && (since === undefined || event.at >= since),
  );
}

function parse(text: string): readonly Event[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Event];
    } catch {
      // Cut off by a kill, or by where the tail began.
      return [];
    }
  });
}

function tail(path: string, bytes: number): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(fd);
    const length = Math.min(size, bytes);
    const buffer = Buffer.alloc(length);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, length, size - length));
  } finally {
    closeSync(fd);
  }
}
