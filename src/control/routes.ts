import type { Answered } from './answered.ts';
import { refusal } from './answered.ts';
import { API_VERSION } from './api.ts';
import { acknowledgeRequest, byOf, commandRequest, silenceRequest } from './read-request.ts';
import type { ControlSurface } from './surface.ts';

/** What a route is given: the query, the body where there is one, and what the path holds after its fixed part. */
export interface Asked {
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly name: string;
}

export type Route = (surface: ControlSurface, asked: Asked) => Answered<unknown> | Promise<Answered<unknown>>;

/** Every route but the stream of events. A path that ends in `/*` takes one name more. */
export const routes: Readonly<Record<string, Route>> = {
  'GET /v1/summary': (surface) => ({ ok: true, value: surface.summary() }),
  'GET /v1/status': (surface, { query }) => surface.status(query.get('service') ?? undefined),
  'POST /v1/command': (surface, { body }) => {
    const request = commandRequest(body);
    return request.ok ? surface.command(request.value) : request;
  },
  'POST /v1/reload': (surface, { body }) => surface.reload(byOf(body)),
  'POST /v1/quit': (surface, { body }) => ({ ok: true, value: surface.quit(byOf(body)) }),
  'GET /v1/incidents': (surface, { query }) => {
    const service = query.get('service');
    return surface.incidents({ all: query.get('all') === '1', ...(service === null ? {} : { service }) });
  },
  'GET /v1/incidents/*': (surface, { name }) => surface.incident(name),
  'GET /v1/why': (surface, { query }) => {
    const service = query.get('service');
    if (service === null) return refusal('bad-request', "'service' must name one");
    return surface.why(service, query.get('check') ?? undefined);
  },
  'POST /v1/acknowledge': (surface, { body }) => {
    const request = acknowledgeRequest(body);
    return request.ok ? surface.acknowledge(request.value) : request;
  },
  'GET /v1/silences': (surface) => ({ ok: true, value: surface.silences() }),
  'POST /v1/silences': (surface, { body }) => {
    const request = silenceRequest(body);
    return request.ok ? surface.silence(request.value) : request;
  },
  'DELETE /v1/silences/*': (surface, { name, query }) =>
    surface.unsilence(name, query.get('by') ?? 'somebody at the control socket'),
  'GET /v1/config': (surface) => ({ ok: true, value: surface.config() }),
  'GET /v1/version': () => ({ ok: true, value: { version: API_VERSION } }),
};

/** Finds the route of a request, or says which methods its path has. */
export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly name: string } | { readonly allowed: readonly string[] } {
  const exact = routes[`${method} ${path}`];
  if (exact !== undefined) return { route: exact, name: '' };
  const cut = path.lastIndexOf('/') + 1;
  const pattern = `${path.slice(0, cut)}*`;
  const named = routes[`${method} ${pattern}`];
  const name = decoded(path.slice(cut));
  if (named !== undefined && name !== undefined && name !== '') return { route: named, name };
  const allowed = Object.keys(routes)
    .map((key) => key.split(' ') as [string, string])
    .filter(([, known]) => known === path || known === pattern)
    .map(([known]) => known);
  return { allowed };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
