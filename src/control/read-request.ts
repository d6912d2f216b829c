import type { IncomingMessage } from 'node:http';
import { type Answered, refusal } from './answered.ts';
import type { AcknowledgeRequest, CommandRequest, EventsQuery, SilenceRequest } from './api.ts';

/** No request of the API comes near this many bytes. */
const MOST_BYTES = 64 * 1024;

const COMMANDS = ['monitor', 'unmonitor', 'start', 'stop', 'restart'] as const;

/** The body as a JSON object; an empty body stands for `{}`. */
export async function readBody(
  request: IncomingMessage,
): Promise<Answered<Readonly<Record<string, unknown>>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) return refusal('too-large', `the request has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (size === 0) return { ok: true, value: {} };
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) {
    return refusal('bad-request', 'the body must be JSON', 'send it with Content-Type: application/json');
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refusal('bad-request', 'the body must be a JSON object');
    }
    return { ok: true, value: value as Record<string, unknown> };
  } catch {
    return refusal('bad-request', 'the body is not valid JSON');
  }
}

type Body = Readonly<Record<string, unknown>>;

/** Reads the body of `POST /v1/command`. */
export function commandRequest(body: Body): Answered<CommandRequest> {
  const command = COMMANDS.find((name) => name === body['do']);
  if (command === undefined) return refusal('bad-request', `'do' must be one of ${COMMANDS.join(', ')}`);
  const services = body['services'];
  if (services !== 'all' && !isTexts(services)) {
    return refusal('bad-request', "'services' must be a list of names, or 'all'");
  }
  const wrong = wrongTypes(body, { for: 'number', wait: 'boolean', by: 'string' });
  if (wrong !== undefined) return wrong;
  return {
    ok: true,
    value: { do: command, services, ...picked(body, ['for', 'wait', 'by']) } as CommandRequest,
  };
}

/** Reads the body of `POST /v1/acknowledge`. */
export function acknowledgeRequest(body: Body): Answered<AcknowledgeRequest> {
  if (typeof body['incident'] !== 'string') return refusal('bad-request', "'incident' must be the id of one");
  const wrong = wrongTypes(body, { by: 'string', comment: 'string', for: 'number', undo: 'boolean' });
  if (wrong !== undefined) return wrong;
  const value = picked(body, ['incident', 'by', 'comment', 'for', 'undo']);
  return { ok: true, value: value as unknown as AcknowledgeRequest };
}

/** Reads the body of `POST /v1/silences`. */
export function silenceRequest(body: Body): Answered<SilenceRequest> {
  const { services = [], checks = [], labels = {} } = body;
  if (!isTexts(services) || !isTexts(checks)) {
    return refusal('bad-request', "'services' and 'checks' must be lists of names");
  }
  if (typeof labels !== 'object' || labels === null || !isTexts(Object.values(labels))) {
    return refusal('bad-request', "'labels' must be an object of texts");
  }
  if (typeof body['for'] !== 'number' || !(body['for'] > 0)) {
    return refusal('bad-request', "'for' must say how long, in milliseconds: a silence always ends");
  }
  const wrong = wrongTypes(body, { by: 'string', comment: 'string', noRepair: 'boolean' });
  if (wrong !== undefined) return wrong;
  const rest = picked(body, ['for', 'by', 'comment', 'noRepair']);
  return { ok: true, value: { services, checks, labels, ...rest } as unknown as SilenceRequest };
}

/** Reads the query of `GET /v1/events`. */
export function eventsQuery(query: URLSearchParams): Answered<EventsQuery> {
  const since = numberOf(query.get('since'));
  const limit = numberOf(query.get('limit'));
  if (Number.isNaN(since) || Number.isNaN(limit)) {
    return refusal('bad-request', "'since' and 'limit' must be numbers");
  }
  const service = query.get('service');
  return {
    ok: true,
    value: {
      follow: query.get('follow') === '1',
      ...(service === null ? {} : { service }),
      ...(since === undefined ? {} : { since }),
      ...(limit === undefined ? {} : { limit }),
    },
  };
}

/** The `by` of a body that has nothing else. */
export function byOf(body: Body): string {
  return typeof body['by'] === 'string' ? body['by'] : 'somebody at the control socket';
}

function numberOf(text: string | null): number | undefined {
  return text === null ? undefined : Number(text === '' ? Number.NaN : text);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function wrongTypes(body: Body, types: Readonly<Record<string, 'number' | 'boolean' | 'string'>>) {
  for (const [name, type] of Object.entries(types)) {
    const value = body[name];
    if (value !== undefined && typeof value !== type) {
      return refusal('bad-request', `'${name}' must be a ${type === 'string' ? 'text' : type}`);
    }
  }
  return undefined;
}

function picked(body: Body, names: readonly string[]): Body {
  return Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
}
