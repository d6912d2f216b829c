import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expositionTypes } from '../telemetry/exposition.ts';
import type { Answered, ControlFailure } from './answered.ts';
import { refusal } from './answered.ts';
import { API_VERSION, type ErrorAnswer } from './api.ts';
import { claimSocket } from './claim-socket.ts';
import { eventsQuery, readBody } from './read-request.ts';
import { findRoute } from './routes.ts';
import { streamEvents } from './stream-events.ts';
import type { ControlSurface } from './surface.ts';

/** The running control server. */
export interface ControlServer {
  readonly socket: string;
  /** Takes the socket away, ends streams and open requests. */
  close(): Promise<void>;
}

const STATUS: Readonly<Partial<Record<ControlFailure['code'], number>>> = {
  'bad-request': 400,
  forbidden: 403,
  'not-found': 404,
  'unknown-service': 404,
  'unknown-check': 404,
  'unknown-incident': 404,
  'unknown-silence': 404,
  refused: 409,
  'too-large': 413,
  'reload-refused': 422,
  stopping: 503,
};

/** Serves the surface on a unix socket that only the agent's own user (and root) may open. */
export async function startControlServer(
  socket: string,
  surface: ControlSurface,
  onBug: (error: unknown) => void,
): Promise<Answered<ControlServer>> {
  const server = createServer({ keepAlive: false, requestTimeout: 10_000 }, (request, response) => {
    answer(request, response, surface).catch((error: unknown) => {
      onBug(error);
      send(response, refusal('bug', 'a mistake in the agent itself; its log has the details'));
    });
  });
  server.maxConnections = 256;
  server.on('clientError', (_error, connection) => connection.destroy());
  const claimed = await claimSocket(server, socket);
  if (!claimed.ok) {
    server.close();
    return claimed;
  }
  server.on('error', onBug);
  return {
    ok: true,
    value: {
      socket,
      async close() {
        claimed.value();
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        // Answers that are being sent get a moment; streams and idle connections end now.
        server.closeIdleConnections();
        const force = setTimeout(() => server.closeAllConnections(), 200);
        await closed;
        clearTimeout(force);
      },
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  surface: ControlSurface,
): Promise<void> {
  const target = request.url ?? '/';
  if (!URL.canParse(target, 'http://agent')) {
    send(response, refusal('bad-request', 'the address of the request is not valid'));
    return;
  }
  const url = new URL(target, 'http://agent');
  const method = request.method ?? 'GET';
  if (method === 'GET' && url.pathname === '/v1/events') {
    const query = eventsQuery(url.searchParams);
    if (query.ok) await streamEvents(response, surface, query.value);
    else send(response, query);
    return;
  }
  if (method === 'GET' && url.pathname === '/v1/metrics') {
    const format = request.headers.accept?.includes('openmetrics') === true ? 'openmetrics' : 'prometheus';
    sendText(response, 200, expositionTypes[format], surface.metrics(format));
    return;
  }
  const found = findRoute(method, url.pathname);
  if ('allowed' in found) {
    if (found.allowed.length > 0) response.setHeader('Allow', found.allowed.join(', '));
    const failure = refusal('not-found', `there is no ${method} ${url.pathname} in this agent's API`);
    send(response, failure, found.allowed.length > 0 ? 405 : 404);
    return;
  }
  const body = await readBody(request);
  if (!body.ok) {
    send(response, body);
    return;
  }
  send(response, await found.route(surface, { query: url.searchParams, body: body.value, name: found.name }));
}

function send(response: ServerResponse, answered: Answered<unknown>, status?: number): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const value: unknown = answered.ok
    ? answered.value
    : ({ version: API_VERSION, error: answered.failure } satisfies ErrorAnswer);
  const code = status ?? (answered.ok ? 200 : (STATUS[answered.failure.code] ?? 500));
  sendText(response, code, 'application/json', `${JSON.stringify(value)}\n`);
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  });
  response.end(text);
}
