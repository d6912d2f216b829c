import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { makeCertificates } from '../servers/certificates.ts';
import type { WebhookBody } from './receivers.ts';

/** One request as it came in; `key` is its Idempotency-Key. */
export interface Request {
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
  readonly key: string;
  readonly body: WebhookBody;
}

/** A web server that treats each path in its own way. */
export interface FaultyWeb {
  readonly port: number;
  /** Requests by path, in order of arrival. */
  readonly requests: (path: string) => readonly Request[];
  close(): Promise<void>;
}

/** What to do with the request number `count` (from 1 on) of a path; nothing at all leaves it hanging. */
export type Answer = (count: number) => { readonly status: number; readonly retryAfter?: number } | undefined;

/** Serves the given paths as told, everything else with 200. With `tls`, its certificate is one that nobody trusts. */
export async function faultyWeb(
  answers: Readonly<Record<string, Answer>>,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<FaultyWeb> {
  const requests = new Map<string, Request[]>();
  const listener: RequestListener = async (request, response) => {
    const path = request.url ?? '/';
    const text = await textOf(request);
    const seen = requests.get(path) ?? [];
    requests.set(path, seen);
    seen.push({
      at: performance.now(),
      key: String(request.headers['idempotency-key'] ?? ''),
      body: (text === '' ? {} : JSON.parse(text)) as WebhookBody,
    });
    const answer = answers[path] === undefined ? { status: 200 } : answers[path](seen.length);
    if (answer === undefined) return;
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', String(answer.retryAfter));
    response.statusCode = answer.status;
    response.end();
  };
  const server = tls ? createTlsServer(makeCertificates().selfSigned, listener) : createServer(listener);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests: (path) => requests.get(path) ?? [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * How an SMTP server fails: `silent` takes the connection and never says a word; `tarpit` goes on greeting for ever; `drops` takes the whole mail and closes
 * the connection instead of an answer; `refuses` has no such user; `busy` says 451 to its first two mails.
 */
export type MailFault = 'silent' | 'tarpit' | 'drops' | 'refuses' | 'busy';

export interface FaultyMail {
  readonly port: number;
  readonly connections: () => number;
  /** Message-IDs of mails that came in whole, whatever was answered. */
  readonly mails: () => readonly string[];
  close(): Promise<void>;
}

export async function faultyMail(fault: MailFault): Promise<FaultyMail> {
  const guests = new Set<Socket>();
  const mails: string[] = [];
  let connections = 0;
  const server: Server = createTcpServer((socket) => {
    connections += 1;
    guests.add(socket);
    socket.on('close', () => guests.delete(socket));
    socket.on('error', () => undefined);
    if (fault === 'tarpit') greetForEver(socket);
    else if (fault !== 'silent') converse(socket, fault, mails);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    mails: () => mails,
    async close() {
      for (const guest of guests) guest.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One more line of a greeting every moment, and never the last one (RFC 5321, section 4.2.1): no silence to time out on. */
function greetForEver(socket: Socket): void {
  const timer = setInterval(() => socket.write('220-one moment please\r\n'), 200);
  socket.on('close', () => clearInterval(timer));
}

/** The server's side of RFC 5321, as much as a client needs to hand in one mail. */
function converse(socket: Socket, fault: MailFault, mails: string[]): void {
  let buffer = '';
  let inData = false;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  say('220 mail.example ESMTP');
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    buffer += chunk;
    for (;;) {
      const end = inData ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
      if (end === -1) return;
      const text = buffer.slice(0, end);
      buffer = buffer.slice(end + (inData ? 5 : 2));
      if (inData) {
        inData = false;
        mails.push(/^message-id: *(\S+)/im.exec(text)?.[1] ?? '');
        if (fault === 'drops') {
          socket.destroy();
          return;
        }
        say(fault === 'busy' && mails.length <= 2 ? '451 try again later' : '250 taken');
        continue;
      }
      const verb = text.slice(0, 4).toUpperCase();
      if (verb === 'RCPT' && fault === 'refuses') say('550 no such user here');
      else if (verb === 'DATA') {
        inData = true;
        say('354 go on');
      } else if (verb === 'QUIT') {
        socket.end('221 bye\r\n');
      } else say('250 mail.example');
    }
  });
}
