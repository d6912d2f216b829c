import type { Host } from '../../host/host.ts';

/** What an engine says of one container: fields of `GET /containers/{id}/json` (Docker Engine API 1.41 and later). */
export interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount?: number;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly FailingStreak: number;
      readonly Log: readonly { readonly Output: string; readonly ExitCode: number }[] | null;
    };
  };
  readonly Config?: {
    readonly StopSignal?: string;
    /** Seconds. */
    readonly StopTimeout?: number | null;
  };
  readonly HostConfig: {
    readonly RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount: number };
  };
}

/** One line of `GET /events`. */
export interface ContainerEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

export type Answer<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** It was longer than what is read of an answer. */
      readonly truncated?: boolean;
    }
  | { readonly ok: false; readonly status?: number; readonly reason: string };

/** Calls to an engine over its unix socket. Paths carry no version: every engine then answers in its own. */
export interface ContainerApi {
  get<T>(path: string): Promise<Answer<T>>;
  text(path: string): Promise<Answer<string>>;
  post(path: string, timeoutMs: number, signal?: AbortSignal): Promise<Answer<string>>;
}

const readWithin = 10_000;
const mostBytes = 4_194_304;

/** `engine` is the word for messages: Docker, Podman. */
export function containerApi(host: Host, socket: string, engine: string): ContainerApi {
  async function request(
    method: string,
    path: string,
    total: number,
    signal?: AbortSignal,
  ): Promise<Answer<string>> {
    const outcome = await host.http.request({
      url: `http://engine${path}`,
      method,
      headers: {},
      timeouts: { connect: 3_000, headers: total, total },
      maxBodyBytes: mostBytes,
      redirects: 0,
      socketPath: socket,
      ...(signal === undefined ? {} : { signal }),
    });
    if (!outcome.ok) return { ok: false, reason: unreachable(outcome.code, outcome.reason) };
    // 304 is "already so" of start and stop.
    if (outcome.status < 300 || outcome.status === 304)
      return { ok: true, value: outcome.body, truncated: outcome.truncated };
    return { ok: false, status: outcome.status, reason: messageIn(outcome.body) ?? `HTTP ${outcome.status}` };
  }

  function unreachable(code: string, reason: string): string {
    switch (code) {
      case 'ENOENT':
      case 'ECONNREFUSED':
        return `${engine} does not answer at ${socket}: is it running? (${code})`;
      case 'EACCES':
      case 'EPERM':
        return `not permitted to use ${socket}: run the watcher as root or as a member of the socket's group`;
      default:
        return `${engine} at ${socket}: ${reason}`;
    }
  }

  const text = (path: string) => request('GET', path, readWithin);
  return {
    text,
    async get<T>(path: string): Promise<Answer<T>> {
      const answer = await text(path);
      if (!answer.ok) return answer;
      try {
        return { ok: true, value: JSON.parse(answer.value) as T };
      } catch {
        return { ok: false, reason: `${engine} at ${socket} answered something that is not JSON` };
      }
    },
    post: (path, timeoutMs, signal) => request('POST', path, timeoutMs, signal),
  };
}

function messageIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'message' in parsed
      ? String(parsed.message)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The filters of a list or of events, as the API wants them in a query. */
export function filtersQuery(filters: Readonly<Record<string, readonly string[]>>): string {
  return `filters=${encodeURIComponent(JSON.stringify(filters))}`;
}
