import { lstatSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type Answered, type ControlFailureCode, refusal } from './answered.ts';

/** One request over the control socket. */
export interface Exchange {
  readonly socket: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds for the whole exchange; absent: as long as it takes. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const MOST_BYTES = 256 * 1024 * 1024;

/** Sends it and gives the answer as it begins to come in, whatever its status. */
export async function open(exchange: Exchange): Promise<Answered<IncomingMessage>> {
  const { socket, method, path, body, timeout, signal } = exchange;
  // Here, as commands that ask no agent do not need it.
  const { request } = await import('node:http');
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve) => {
    const sent = request({
      socketPath: socket,
      method,
      path,
      agent: false,
      headers:
        text === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
      ...(signal === undefined ? {} : { signal }),
    });
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            resolve(
              refusal(
                'timed-out',
                `the agent at ${socket} did not answer within ${timeout / 1000} s`,
                'see its log, or try again',
              ),
            );
            sent.destroy();
          }, timeout);
    sent.once('response', (response) => {
      response.once('close', () => clearTimeout(timer));
      resolve({ ok: true, value: response });
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      sent.destroy();
      resolve(unreachable(socket, error));
    });
    sent.end(text);
  });
}

/** Sends it and reads the JSON answer; an error answer of the agent becomes a failure. */
export async function ask<T>(exchange: Exchange): Promise<Answered<T>> {
  const answer = await read(exchange);
  if (!answer.ok) return answer;
  const { response, text } = answer.value;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return strange(exchange.socket);
  }
  if (typeof value !== 'object' || value === null || !('version' in value)) return strange(exchange.socket);
  if (response.statusCode === 200) return { ok: true, value: value as T };
  const { error } = value as { error?: { code?: string; message?: string; hint?: string } };
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') return strange(exchange.socket);
  return refusal(error.code as ControlFailureCode, error.message, error.hint);
}

/** Sends it and reads an answer that is text for somebody else. */
export async function askText(exchange: Exchange): Promise<Answered<string>> {
  const answer = await read(exchange);
  if (!answer.ok) return answer;
  const { response, text } = answer.value;
  return response.statusCode === 200 ? { ok: true, value: text } : strange(exchange.socket);
}

async function read(
  exchange: Exchange,
): Promise<Answered<{ readonly response: IncomingMessage; readonly text: string }>> {
  const opened = await open(exchange);
  if (!opened.ok) return opened;
  const response = opened.value;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > MOST_BYTES) return strange(exchange.socket);
    }
  } catch {
    return refusal('went-away', 'the agent went away before it had answered', 'see its log');
  }
  return { ok: true, value: { response, text: Buffer.concat(chunks).toString('utf8') } };
}

function strange(socket: string) {
  return refusal(
    'not-an-agent',
    `what answers on ${socket} is not a watcher agent`,
    'check --socket and the socket setting in watcher.yaml',
  );
}

function unreachable(socket: string, error: NodeJS.ErrnoException) {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return refusal(
        'no-agent',
        `the agent is not running: there is no socket ${socket}`,
        "start one with 'watcher run', or say where it is with --config or --socket",
      );
    case 'ECONNREFUSED':
      // connect(2) says so of plain files, too.
      if (!lstatSync(socket, { throwIfNoEntry: false })?.isSocket()) return strange(socket);
      return refusal(
        'no-agent',
        `the agent is not running: nobody listens on ${socket}`,
        "start it again with 'watcher run'; it replaces the socket that was left behind",
      );
    case 'EACCES':
    case 'EPERM':
      return refusal(
        'forbidden',
        `this user may not open ${socket}`,
        'run the command as the user that the agent runs as, or as root',
      );
    case 'ENOTSOCK':
      return strange(socket);
    case 'ABORT_ERR':
      return refusal('timed-out', 'it was cancelled');
    default:
      if (error.code?.startsWith('HPE_')) return strange(socket);
      return refusal(
        'went-away',
        `the agent went away before it had answered (${error.code ?? error.message})`,
        'see its log',
      );
  }
}
