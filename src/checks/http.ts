import { otherHost } from '../lib/loopback.ts';
import type { Reading, ReadingValue } from '../model/reading.ts';
import {
  anything,
  choice,
  duration,
  group,
  integer,
  path,
  record,
  secretText,
  size,
  text,
  url,
} from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { httpExhibit } from './http-exhibit.ts';
import { httpReadings } from './http-readings.ts';
import { networkFailure } from './network-failure.ts';
import { readTlsFiles, tlsOptions } from './tls-options.ts';

/** One HTTP request over a fresh connection. */
export const http = defineCheck({
  kind: 'http',
  summary: 'Asks a web address over a new connection each time and reads the answer.',
  options: {
    url: url({ summary: 'Address to ask.', schemes: ['http', 'https'] }),
    method: choice(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], {
      summary: 'Method of the request.',
      default: 'GET',
    }),
    headers: record(text(), { summary: 'Headers to send.', default: {} }),
    body: text({ summary: 'Body to send.', optional: true }),
    json: anything({ summary: 'Body to send as JSON, with its content type.', optional: true }),
    login: group(
      { user: text({ summary: 'User name.' }), password: secretText({ summary: 'Password.' }) },
      { summary: 'Basic authentication.', optional: true },
    ),
    bearer: secretText({ summary: 'Token to send as `Authorization: Bearer`.', optional: true }),
    redirects: integer({ summary: 'Most redirects to follow.', default: 0, min: 0, max: 20 }),
    connect_timeout: duration({
      summary: "Longest time for name, connection and TLS together; the check's timeout bounds all.",
      optional: true,
    }),
    max_body: size({ summary: 'Bytes of the body to read.', default: '1 MB', max: '64 MB' }),
    unix: path({ summary: 'Unix socket to connect to instead of the host of the address.', optional: true }),
    family: choice(['any', '4', '6'], { summary: 'IP version to use.', default: 'any' }),
    tls: group(tlsOptions, { summary: 'How certificates are treated.', default: {} }),
  },
  main: 'url',
  readings: httpReadings,
  expects: ['status < 400'],
  failAfter: 3,
  timeout: 5000,
  target: ({ url, unix }) => (unix === undefined ? otherHost(new URL(url).hostname) : undefined),
  headline: ['status', 'latency'],
  example: `
http:
  url: http://127.0.0.1:3000/health
  headers: { Accept: application/json }
timeout: 2s
expect:
  - status == 200
  - latency < 500 ms
  - json.status == "ok"
`,
  async probe({ options, host, timeout, signal, wanted }) {
    const files = await readTlsFiles(options.tls, host.files);
    if (!files.ok) return networkFailure(files);
    const body = options.json === undefined ? options.body : JSON.stringify(options.json);
    const outcome = await host.http.request({
      url: options.url,
      method: options.method,
      headers: requestHeaders(options),
      timeouts: { connect: options.connect_timeout ?? timeout, headers: timeout, total: timeout },
      maxBodyBytes: options.max_body,
      redirects: options.redirects,
      tls: files.tls,
      signal,
      ...(body === undefined ? {} : { body }),
      ...(options.unix === undefined ? {} : { socketPath: options.unix }),
      ...(options.family === 'any' ? {} : { family: options.family === '4' ? 4 : 6 }),
    });
    if (!outcome.ok) return networkFailure(outcome);
    const { timings, certificateExpiresAt } = outcome;
    const asked = (name: string) => wanted === undefined || wanted.has(name);
    const json = asked('json') ? parseJson(outcome.body, outcome.truncated) : undefined;
    const reading: Reading = {
      status: outcome.status,
      latency: timings.total,
      ...(timings.connect === undefined ? {} : { connect_time: timings.connect }),
      ...(timings.firstByte === undefined ? {} : { first_byte: timings.firstByte }),
      // A megabyte that nobody asks for would be kept with every state of the check.
      ...(asked('body') ? { body: outcome.body } : {}),
      body_size: outcome.bodyBytes,
      truncated: outcome.truncated,
      ...(json === undefined ? {} : { json }),
      header: outcome.headers,
      redirects: outcome.redirects,
      url: outcome.url,
      ...(certificateExpiresAt === undefined
        ? {}
        : { certificate_expires_in: certificateExpiresAt - host.clock.instant().wall }),
    };
    return { outcome: 'read', reading, exhibit: httpExhibit(outcome) };
  },
});

function requestHeaders(options: {
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly login?: { readonly user: string; readonly password: string };
  readonly bearer?: string;
}): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  if (options.json !== undefined) headers['content-type'] = 'application/json';
  if (options.login !== undefined) {
    const pair = `${options.login.user}:${options.login.password}`;
    headers['authorization'] = `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  }
  if (options.bearer !== undefined) headers['authorization'] = `Bearer ${options.bearer}`;
  for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value;
  return headers;
}

/** The body as JSON when it can be: what servers call it does not matter (health pages say `text/plain` too). */
function parseJson(body: string, truncated: boolean): ReadingValue | undefined {
  if (truncated || !/^\s*[[{"\-\dtfn]/.test(body)) return undefined;
  try {
    return JSON.parse(body) as ReadingValue;
  } catch {
    return undefined;
  }
}
