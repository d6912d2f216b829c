import type { HttpClient, HttpOutcome, HttpRequest } from '../http.ts';
import { createNameLookup, type LookUpName } from '../net/name-lookup.ts';
import { exchange } from './http-exchange.ts';
import type { Hop } from './http-hop.ts';
import { type ClientClass, loadClient } from './load-undici.ts';

/** Real HTTP, over undici: loaded with the first request, a new connection for every request. */
export function createHttpClient(lookUp: LookUpName = createNameLookup()): HttpClient {
  let client: ClientClass | undefined;
  return {
    async request(request) {
      client ??= loadClient();
      return follow(client, lookUp, request);
    },
  };
}

async function follow(client: ClientClass, lookUp: LookUpName, request: HttpRequest): Promise<HttpOutcome> {
  const first = firstHop(request);
  if (first === undefined) {
    const reason = 'the address cannot be read: it must begin with http:// or https:// and name a host';
    return { ok: false, phase: 'connect', code: 'BAD_URL', reason, timings: { total: 0 } };
  }
  let hop = first;
  for (;;) {
    const outcome = await exchange(client, lookUp, hop);
    if (!outcome.ok || request.redirects === 0) return outcome;
    const location = redirectOf(outcome.status, outcome.headers);
    if (location === undefined) return outcome;
    const next = nextHop(hop, outcome.status, location);
    const { timings } = outcome;
    if (next === undefined) {
      const reason = `${hop.url.host} redirects to something that is not an HTTP address`;
      return { ok: false, phase: 'headers', code: 'BAD_REDIRECT', reason, timings };
    }
    if (next.redirects > request.redirects) {
      const times = request.redirects === 1 ? 'one redirect' : `${request.redirects} redirects`;
      const reason = `followed ${times}, and ${hop.url.host} still redirects; raise the number or check for a circle`;
      return { ok: false, phase: 'headers', code: 'TOO_MANY_REDIRECTS', reason, timings };
    }
    hop = next;
  }
}

function firstHop(request: HttpRequest): Hop | undefined {
  if (!URL.canParse(request.url)) return undefined;
  const url = new URL(request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const headers: Record<string, string> = { 'user-agent': 'watcher', accept: '*/*' };
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  if (url.username !== '' && headers['authorization'] === undefined) {
    const pair = `${decode(url.username)}:${decode(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  }
  return {
    request,
    url,
    method: request.method,
    headers,
    body: request.body,
    sameOrigin: true,
    startedAt: performance.now(),
    redirects: 0,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function redirectOf(status: number, headers: Readonly<Record<string, string>>): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? headers['location'] : undefined;
}

/** Headers that another origin may see: everything else may be a secret of the first one. */
const PUBLIC_HEADERS = /^(accept(-.*)?|user-agent|content-(type|language))$/;

/** How a redirect changes the request, as the Fetch standard has it (section 4.4, HTTP-redirect fetch). */
function nextHop(hop: Hop, status: number, location: string): Hop | undefined {
  if (!URL.canParse(location, hop.url.href)) return undefined;
  const url = new URL(location, hop.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const sameOrigin = hop.sameOrigin && url.origin === hop.url.origin;
  const toGet =
    (status === 303 && hop.method !== 'HEAD') ||
    ((status === 301 || status === 302) && hop.method === 'POST');
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (sameOrigin || PUBLIC_HEADERS.test(name)) && !(toGet && name.startsWith('content-')),
  );
  return {
    ...hop,
    url,
    method: toGet ? 'GET' : hop.method,
    headers: Object.fromEntries(kept),
    body: toGet ? undefined : hop.body,
    sameOrigin,
    redirects: hop.redirects + 1,
  };
}
