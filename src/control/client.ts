import type { Event } from '../model/event.ts';
import type { Answered, ControlFailureCode } from './answered.ts';
import { refusal } from './answered.ts';
import type {
  AcknowledgeRequest,
  CommandAnswer,
  CommandRequest,
  ConfigAnswer,
  EventsQuery,
  IncidentAnswer,
  IncidentsAnswer,
  QuitAnswer,
  ReloadAnswer,
  SilenceRequest,
  SilencesAnswer,
  Status,
  Summary,
  WhyAnswer,
} from './api.ts';
import { ask, askText, type Exchange, open } from './exchange.ts';

/** The agent as seen through its control socket. Nothing throws: every failure is an answer with a code and the fix. */
export interface Client {
  readonly socket: string;
  summary(): Promise<Answered<Summary>>;
  /** What Prometheus reads, in the text format 0.0.4. */
  metrics(): Promise<Answered<string>>;
  status(service?: string): Promise<Answered<Status>>;
  /** With `wait` it answers when the operations have ended, however long that takes. */
  command(request: CommandRequest): Promise<Answered<CommandAnswer>>;
  reload(by?: string): Promise<Answered<ReloadAnswer>>;
  quit(by?: string): Promise<Answered<QuitAnswer>>;
  /** Calls back for each event; ends when the agent has sent what it has, or with `follow` when it stops or `signal` aborts. */
  events(query: EventsQuery, told: (event: Event) => void, signal?: AbortSignal): Promise<Answered<'ended'>>;
  incidents(query?: {
    readonly all?: boolean;
    readonly service?: string;
  }): Promise<Answered<IncidentsAnswer>>;
  incident(id: string): Promise<Answered<IncidentAnswer>>;
  why(service: string, check?: string): Promise<Answered<WhyAnswer>>;
  acknowledge(request: AcknowledgeRequest): Promise<Answered<IncidentAnswer>>;
  silences(): Promise<Answered<SilencesAnswer>>;
  silence(request: SilenceRequest): Promise<Answered<SilencesAnswer>>;
  unsilence(id: string, by?: string): Promise<Answered<SilencesAnswer>>;
  config(): Promise<Answered<ConfigAnswer>>;
}

/** An agent that is alive answers in milliseconds; this long only when its host is in trouble. */
const TIMEOUT = 10_000;
/** Reading and checking thousands of rule files. */
const RELOAD_TIMEOUT = 120_000;

/** A client of the agent at this socket; connects anew for each question. */
export function createClient(socket: string): Client {
  const get = <T>(path: string, query: Query = {}): Promise<Answered<T>> =>
    ask<T>({ socket, method: 'GET', path: withQuery(path, query), timeout: TIMEOUT });
  const post = <T>(
    path: string,
    body: unknown,
    timeout: number | undefined = TIMEOUT,
  ): Promise<Answered<T>> =>
    ask<T>({ socket, method: 'POST', path, body, ...(timeout === 0 ? {} : { timeout }) });
  return {
    socket,
    summary: () => get('/v1/summary'),
    metrics: () => askText({ socket, method: 'GET', path: '/v1/metrics', timeout: TIMEOUT }),
    status: (service) => get('/v1/status', { service }),
    command: (request) => post('/v1/command', request, request.wait === true ? 0 : TIMEOUT),
    reload: (by) => post('/v1/reload', { by }, RELOAD_TIMEOUT),
    quit: (by) => post('/v1/quit', { by }),
    events: (query, told, signal) =>
      readLines(
        {
          socket,
          method: 'GET',
          path: withQuery('/v1/events', { ...query, follow: query.follow === true ? '1' : undefined }),
          ...(query.follow === true ? {} : { timeout: TIMEOUT }),
          ...(signal === undefined ? {} : { signal }),
        },
        told,
      ),
    incidents: (query = {}) =>
      get('/v1/incidents', { all: query.all === true ? '1' : undefined, service: query.service }),
    incident: (id) => get(`/v1/incidents/${encodeURIComponent(id)}`),
    why: (service, check) => get('/v1/why', { service, check }),
    acknowledge: (request) => post('/v1/acknowledge', request),
    silences: () => get('/v1/silences'),
    silence: (request) => post('/v1/silences', request),
    unsilence: (id, by) =>
      ask({
        socket,
        method: 'DELETE',
        path: withQuery(`/v1/silences/${encodeURIComponent(id)}`, { by }),
        timeout: TIMEOUT,
      }),
    config: () => get('/v1/config'),
  };
}

async function readLines(exchange: Exchange, told: (event: Event) => void): Promise<Answered<'ended'>> {
  const opened = await open(exchange);
  if (!opened.ok) return opened;
  if (opened.value.statusCode !== 200) {
    opened.value.resume();
    const code: ControlFailureCode = opened.value.statusCode === 400 ? 'bad-request' : 'not-an-agent';
    return refusal(code, `the agent refused to send events (HTTP ${opened.value.statusCode})`);
  }
  let rest = '';
  try {
    opened.value.setEncoding('utf8');
    for await (const chunk of opened.value) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') told(JSON.parse(line) as Event);
    }
  } catch {
    if (exchange.signal?.aborted === true) return { ok: true, value: 'ended' };
    return refusal('went-away', 'the agent went away', 'see its log');
  }
  return { ok: true, value: 'ended' };
}

type Query = Readonly<Record<string, string | number | undefined>>;

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}
