import type { HttpRequest } from '../http.ts';

/** One hop: what is asked of one address, with what is left of the time. */
export interface Hop {
  readonly request: HttpRequest;
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whether the URL is still of the origin that the rule names: only then our certificate and the unix socket apply. */
  readonly sameOrigin: boolean;
  readonly startedAt: number;
  readonly redirects: number;
}

/** Where the hop connects to. */
export function targetOf({ request, url, sameOrigin }: Hop) {
  if (request.socketPath !== undefined && sameOrigin) return { path: request.socketPath };
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host, port, family: request.family };
}
