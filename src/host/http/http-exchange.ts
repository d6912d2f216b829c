import type { HttpOutcome, HttpTimings } from '../http.ts';
import type { LookUpName } from '../net/name-lookup.ts';
import { type OpenConnection, openConnection } from '../net/open-connection.ts';
import { readAnswer, timingsOf } from './http-answer.ts';
import { type Hop, targetOf } from './http-hop.ts';
import type { ClientClass } from './load-undici.ts';

/** Sends one request over a fresh connection and reads the bounded answer. Never throws for what the world does. */
export async function exchange(client: ClientClass, lookUp: LookUpName, hop: Hop): Promise<HttpOutcome> {
  const { request, url, startedAt } = hop;
  const elapsed = () => performance.now() - startedAt;
  const offset = elapsed();
  const { tls } = request;
  const asks = hop.headers['host'];
  const serverName = tls?.serverName ?? (asks === undefined ? undefined : hostOf(asks));
  const opened = await openConnection(
    {
      target: targetOf(hop),
      timeoutMs: Math.min(request.timeouts.connect, request.timeouts.total - offset),
      signal: request.signal,
      ...(url.protocol === 'https:'
        ? {
            tls: {
              verify: tls?.verify !== false,
              ca: tls?.ca,
              alpn: ['http/1.1'],
              ...(hop.sameOrigin ? { cert: tls?.cert, key: tls?.key, serverName } : {}),
            },
          }
        : {}),
    },
    lookUp,
  );
  const marks = shift(opened.marks, offset);
  if (!opened.ok) {
    const { phase, code, reason } = opened;
    return { ok: false, phase, code, reason, timings: timingsOf(marks, undefined, elapsed()) };
  }
  try {
    return await readAnswer(client, hop, opened, marks);
  } finally {
    opened.socket.destroy();
  }
}

function hostOf(header: string): string {
  const name = header.replace(/:\d+$/, '');
  return name.startsWith('[') ? name.slice(1, -1) : name;
}

function shift(marks: OpenConnection['marks'], offset: number): Omit<HttpTimings, 'total'> {
  const shifted = (at: number | undefined) => (at === undefined ? undefined : at + offset);
  return { dns: shifted(marks.dns), connect: shifted(marks.connect), tls: shifted(marks.tls) };
}
