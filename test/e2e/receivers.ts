import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived: envelope, header fields (lower-case names, unfolded), body with its transfer encoding undone. */
export interface ReceivedMail {
  readonly to: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Receivers {
  readonly smtpPort: number;
  readonly httpPort: number;
  readonly mails: ReceivedMail[];
  /** Parsed bodies of POST requests, in order of arrival. */
  readonly webhooks: WebhookBody[];
  close(): Promise<void>;
}

/** What the tests look at of the default body (Alertmanager webhook payload, version 4). */
export interface WebhookBody {
  readonly version: string;
  readonly status: 'firing' | 'resolved';
  /** `notice` is the idempotency key, `kind` what it is: `failed`, `recovered`, `escalated`. */
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/**
 * A real SMTP server and a real HTTP server that accept everything and keep it; on the ports of earlier ones when told.
 * `arrived` is called when a message has come in whole and its sender has no answer yet.
 */
export async function startReceivers(
  at: Pick<Receivers, 'smtpPort' | 'httpPort'> = { smtpPort: 0, httpPort: 0 },
  arrived: () => void = () => undefined,
): Promise<Receivers> {
  const mails: ReceivedMail[] = [];
  const webhooks: WebhookBody[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, ...parseMail(Buffer.concat(chunks).toString('utf8')) });
        arrived();
        done();
      });
    },
  });
  smtp.on('error', () => undefined);
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      webhooks.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as WebhookBody);
      arrived();
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => smtp.listen(at.smtpPort, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => http.listen(at.httpPort, '127.0.0.1', resolve));
  return {
    smtpPort: (smtp.server.address() as AddressInfo).port,
    httpPort: (http.address() as AddressInfo).port,
    mails,
    webhooks,
    async close() {
      await new Promise<void>((resolve) => smtp.close(resolve));
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function parseMail(raw: string): Pick<ReceivedMail, 'headers' | 'body'> {
  const end = raw.indexOf('\r\n\r\n');
  const headers: Record<string, string> = {};
  for (const line of raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = decodeWords(line.slice(colon + 1).trim());
  }
  return { headers, body: decodeQuotedPrintable(raw.slice(end + 4)) };
}

/** Encoded words of RFC 2047. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : decodeQuotedPrintable(word.replaceAll('_', ' ')),
    );
}

/** RFC 2045, section 6.7. Text that is not encoded stays as it is but for soft line breaks. */
function decodeQuotedPrintable(text: string): string {
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
