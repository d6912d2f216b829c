import type { ServerResponse } from 'node:http';
import type { Event } from '../model/event.ts';
import type { EventsQuery } from './api.ts';
import type { ControlSurface } from './surface.ts';

/** A reader that is this many bytes behind is dropped: the agent keeps no memory for those who do not read. */
const MOST_BEHIND = 1024 * 1024;

/**
 * Sends events as one JSON object a line, first the stored ones as fast as the reader takes them, then, with `follow`, each
 * as it happens.
 */
export async function streamEvents(
  response: ServerResponse,
  surface: ControlSurface,
  query: EventsQuery,
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'application/x-ndjson',
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  const stored = surface.events(query);
  /** What happens while the stored ones are sent comes behind them. */
  let meanwhile: string[] | undefined = [];
  let behind = 0;
  const write = (event: Event): void => {
    const line = lineOf(event);
    if (meanwhile === undefined) response.write(line);
    else meanwhile.push(line);
    behind = meanwhile === undefined ? response.writableLength : behind + line.length;
    if (behind > MOST_BEHIND) response.destroy();
  };
  if (query.follow === true) {
    const unfollow = surface.follow((event) => {
      if (query.service === undefined || event.service === query.service) write(event);
    });
    response.once('close', unfollow);
    response.flushHeaders();
  }
  for (const event of stored) {
    if (!response.write(lineOf(event))) await drained(response);
    if (response.destroyed) return;
  }
  if (query.follow !== true) {
    response.end();
    return;
  }
  for (const line of meanwhile) response.write(line);
  meanwhile = undefined;
}

function lineOf(event: Event): string {
  return `${JSON.stringify(event)}\n`;
}

/** Resolves when more can be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    response.once('drain', settle);
    response.once('close', settle);
  });
}
