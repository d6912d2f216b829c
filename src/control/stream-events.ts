import type { ServerResponse } from 'node:http';
import type { Event } from '../model/event.ts';
import type { EventsQuery } from './api.ts';
import type { ControlSurface } from './surface.ts';

/** A reader that is this many bytes behind is dropped: the agent keeps no memory for those who do not read. */
const MOST_BEHIND = 1024 * 1024;

/** Sends events as one JSON object a line, first the stored ones, then, with `follow`, each as it happens. */
export function streamEvents(response: ServerResponse, surface: ControlSurface, query: EventsQuery): void {
  response.writeHead(200, {
    'Content-Type': 'application/x-ndjson',
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  const write = (event: Event): void => {
    response.write(`${JSON.stringify(event)}\n`);
    if (response.writableLength > MOST_BEHIND) response.destroy();
  };
  for (const event of surface.events(query)) write(event);
  if (query.follow !== true) {
    response.end();
    return;
  }
  response.flushHeaders();
  const unfollow = surface.follow((event) => {
    if (query.service === undefined || event.service === query.service) write(event);
  });
  response.once('close', unfollow);
}
