import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { Delivery, Notice } from '../../src/model/notice.ts';
import type { NotifierKind, Sending } from '../../src/notifiers/notifier-kind.ts';
import type { Fields } from '../../src/schema/field.ts';
import { readOptions } from '../fakes/read-options.ts';
import { type Listening, listen } from '../servers/listen.ts';
import { createNetworkHost } from '../servers/network-host.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpReceiver extends Listening {
  readonly requests: ReceivedRequest[];
}

/** A real HTTP server that keeps what it gets and answers as told. */
export async function startReceiver(
  answer: (request: ReceivedRequest) => Answer = () => ({}),
): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const server = await listen(
    createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: parsed(text),
      };
      requests.push(received);
      const { status = 200, headers = {}, body = 'ok' } = answer(received);
      response.writeHead(status, { ...headers }).end(body);
    }),
  );
  return { ...server, requests };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends a notice with the options as a user writes them. */
export function sendOnce<F extends Fields>(
  kind: NotifierKind<F>,
  yaml: string,
  notice: Notice,
  more: Partial<Sending<unknown>> = {},
): Promise<Delivery> {
  return kind.send(notice, { ...sendingOf(more), options: readOptions(kind, yaml) });
}

/** Looks whether the notifier could send. */
export function reachOnce<F extends Fields>(
  kind: NotifierKind<F>,
  yaml: string,
  more: Partial<Sending<unknown>> = {},
): Promise<Delivery> {
  if (kind.reach === undefined) throw new Error(`${kind.kind} cannot look`);
  return kind.reach({ ...sendingOf(more), options: readOptions(kind, yaml) });
}

function sendingOf(more: Partial<Sending<unknown>>): Omit<Sending<unknown>, 'options'> {
  return {
    host: createNetworkHost(),
    timeout: 5000,
    signal: new AbortController().signal,
    attempt: 1,
    lateBy: 0,
    evidence: async () => undefined,
    ...more,
  };
}
