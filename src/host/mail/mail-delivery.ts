import { isIP } from 'node:net';
import { isLoopback } from '../../lib/loopback.ts';
import { maskTexts } from '../../lib/redactor.ts';
import type { MailMessage, MailServer, RefusedRecipient } from '../mail.ts';
import { placeOf } from '../net/connection-reason.ts';
import type { LookUpName } from '../net/name-lookup.ts';
import { openConnection } from '../net/open-connection.ts';
import { startDeadline } from '../time/deadline.ts';
import { mailFailure } from './mail-reason.ts';

/** The package that speaks SMTP. */
export type Nodemailer = typeof import('nodemailer');

export type DeliveryAttempt =
  | {
      readonly ok: true;
      readonly server: string;
      readonly response: string;
      readonly refused: readonly RefusedRecipient[];
    }
  | { readonly ok: false; readonly retry: boolean; readonly reason: string };

/** Hands one mail to one server, all phases within `timeoutMs`: a server that drips a byte a second gets no longer. */
export async function deliver(
  nodemailer: Nodemailer,
  lookUp: LookUpName,
  message: MailMessage,
  server: MailServer,
  timeoutMs: number,
): Promise<DeliveryAttempt> {
  const address = readAddress(server.url);
  if (address === undefined) {
    const reason =
      'the address of the mail server cannot be read: write smtp://host:port or smtps://host:port';
    return { ok: false, retry: false, reason };
  }
  const { host, port, secure, user, password } = address;
  const deadline = startDeadline(timeoutMs);
  const opened = await openConnection(
    {
      target: { host, port },
      timeoutMs,
      ...(secure ? { tls: { verify: server.verify, ca: server.ca } } : {}),
    },
    lookUp,
  );
  if (!opened.ok) {
    deadline.clear();
    return { ok: false, retry: true, reason: `mail server: ${opened.reason}` };
  }
  const local = isLoopback(host);
  const requireTLS = !secure && (server.requireTls || (user !== '' && !local && server.plain !== true));
  const left = Math.max(1, timeoutMs - deadline.elapsed());
  const transport = nodemailer.createTransport({
    host,
    port,
    secure,
    secured: secure,
    connection: opened.socket,
    requireTLS,
    // On this machine TLS protects nothing, and the certificate there is often one that nobody trusts.
    ignoreTLS: server.plain === true || (local && user === '' && !requireTLS),
    tls: {
      rejectUnauthorized: server.verify,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(server.ca === undefined ? {} : { ca: server.ca }),
    },
    ...(user === '' ? {} : { auth: { user, pass: password } }),
    connectionTimeout: left,
    greetingTimeout: left,
    socketTimeout: left,
    socketCloseTimeout: 1000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const where = placeOf({ host, port });
  try {
    const late = new Promise<'late'>((resolve) => deadline.whenOver(() => resolve('late')));
    const sent = await Promise.race([transport.sendMail(toNodemailer(message)), late]);
    if (sent === 'late') return mailFailure(where, 'late', timeoutMs);
    const refused = refusedBy(sent);
    const note =
      refused.length === 0 ? '' : ` (refused for ${refused.map(({ address }) => address).join(', ')})`;
    return { ok: true, server: where, response: `${sent.response}${note}`, refused };
  } catch (error) {
    const failed = mailFailure(where, error, timeoutMs);
    // Some servers repeat what they were sent.
    return failed.ok ? failed : { ...failed, reason: maskTexts([password])(failed.reason) };
  } finally {
    const late = deadline.over() !== undefined;
    deadline.clear();
    transport.close();
    if (late) opened.socket.destroy();
  }
}

/** Each recipient that was refused, with the answer for it. */
function refusedBy({
  rejected,
  rejectedErrors = [],
}: {
  readonly rejected: readonly unknown[];
  readonly rejectedErrors?: readonly Error[] | undefined;
}): readonly RefusedRecipient[] {
  return rejected.map(String).map((address) => {
    const error: (Error & { recipient?: string; responseCode?: number; response?: string }) | undefined =
      rejectedErrors.find((one) => (one as { recipient?: string }).recipient === address);
    const reason = (error?.response ?? error?.message ?? 'no reason given')
      .replace(/\s+/g, ' ')
      .slice(0, 200);
    return { address, retry: (error?.responseCode ?? 500) < 500, reason };
  });
}

function toNodemailer(message: MailMessage) {
  return {
    from: message.from,
    to: [...message.to],
    subject: message.subject,
    text: message.text,
    messageId: message.messageId,
    ...(message.references.length === 0
      ? {}
      : { references: [...message.references], inReplyTo: message.references.at(-1) ?? '' }),
    headers: { ...message.headers },
    attachments: message.attachments.map(({ name, text }) => ({
      filename: name,
      content: text,
      contentType: 'text/plain; charset=utf-8',
    })),
  };
}

interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string;
  readonly password: string;
}

/** Ports of RFC 5321 (25) and RFC 8314 (465). */
function readAddress(text: string): ServerAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if ((url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') return undefined;
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 25) : Number(url.port),
    secure,
    user: decode(url.username),
    password: decode(url.password),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
