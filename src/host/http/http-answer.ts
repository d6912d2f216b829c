import type { Dispatcher } from 'undici';
import type { HttpOutcome, HttpTimings } from '../http.ts';
import { certificateEnd } from '../net/certificate.ts';
import { placeOf } from '../net/connection-reason.ts';
import type { OpenConnection } from '../net/open-connection.ts';
import { decodeBody } from './http-body.ts';
import { type Hop, targetOf } from './http-hop.ts';
import { brokenCode, brokenReason, lateReason } from './http-reason.ts';
import type { ClientClass } from './load-undici.ts';

/** Why a client ends whose work is done; made once, as the stack of an error costs more than the rest of its end. */
const FINISHED = new Error('the exchange is over');

/** Sends the request of a hop over its connection and reads the answer, bounded in time and size. */
export function readAnswer(
  Client: ClientClass,
  hop: Hop,
  opened: OpenConnection,
  marks: Omit<HttpTimings, 'total'>,
): Promise<HttpOutcome> {
  const { request, url, startedAt } = hop;
  const elapsed = () => performance.now() - startedAt;
  const where = placeOf(targetOf(hop));
  const client = new Client(url.origin, {
    // The connection is ours already; undici expects it later than the call.
    connect: (_options, done) => queueMicrotask(() => done(null, opened.socket)),
    // Our own timers are used: undici's tick only about once a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    // `Connection: close`: one request for each connection.
    pipelining: 0,
  });
  return new Promise((resolve) => {
    let answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined;
    let firstByte: number | undefined;
    let received = 0;
    const chunks: Buffer[] = [];
    const told = () => ({
      where,
      connectMs: marks.connect ?? 0,
      status: answer?.status,
      firstByte,
      received,
    });

    const finish = (outcome: HttpOutcome) => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
      client.destroy(FINISHED, () => {});
      resolve(outcome);
    };
    const timings = (): HttpTimings => timingsOf(marks, firstByte, elapsed());
    const fail = (code: string, reason: string) =>
      finish({
        ok: false,
        phase: answer === undefined ? 'headers' : 'body',
        code,
        reason,
        timings: timings(),
      });
    const onLate = (limit: number) => fail('TIMEOUT', lateReason(told(), limit));
    const onAbort = () =>
      finish({
        ok: false,
        phase: 'aborted',
        code: 'ABORTED',
        reason: `${where}: the look was called off`,
        timings: timings(),
      });
    const done = (truncated: boolean) => {
      if (answer === undefined) return;
      const expires = opened.secure === undefined ? undefined : certificateEnd(opened.secure);
      finish({
        ok: true,
        ...answer,
        body: decodeBody(Buffer.concat(chunks), answer.headers, request.maxBodyBytes),
        bodyBytes: truncated ? declaredLength(answer.headers, received) : received,
        truncated,
        url: withoutUser(url),
        redirects: hop.redirects,
        timings: timings(),
        ...(expires === undefined ? {} : { certificateExpiresAt: expires }),
      });
    };

    const left = request.timeouts.total - elapsed();
    const limit = Math.min(request.timeouts.headers, left);
    let timer = setTimeout(onLate, limit, limit < left ? limit : request.timeouts.total);
    if (request.signal?.aborted === true) {
      onAbort();
      return;
    }
    request.signal?.addEventListener('abort', onAbort, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, status, headers) {
        // Informational answers (1xx) come before the real one (RFC 9110, section 15.2).
        if (status < 200) return;
        firstByte = elapsed();
        answer = { status, headers: flat(headers) };
        clearTimeout(timer);
        timer = setTimeout(onLate, request.timeouts.total - elapsed(), request.timeouts.total);
        if (request.maxBodyBytes === 0 && hop.method !== 'HEAD') done(true);
      },
      onResponseData(_controller, chunk) {
        const room = request.maxBodyBytes - received;
        received += chunk.length;
        if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
        if (received > request.maxBodyBytes) done(true);
      },
      onResponseEnd: () => done(false),
      onResponseError(_controller, error: NodeJS.ErrnoException) {
        fail(brokenCode(error), brokenReason(told(), error));
      },
    };
    client.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: hop.method,
        headers: { ...hop.headers },
        body: hop.body ?? null,
      },
      handler,
    );
  });
}

/** Named one by one, so that all have one shape (see `src/README.md`). */
export function timingsOf(
  { dns, connect, tls }: Omit<HttpTimings, 'total'>,
  firstByte: number | undefined,
  total: number,
): HttpTimings {
  return { dns, connect, tls, firstByte, total };
}

function flat(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function declaredLength(headers: Readonly<Record<string, string>>, received: number): number {
  const declared = headers['content-length'];
  return declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : received;
}

function withoutUser(url: URL): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}
