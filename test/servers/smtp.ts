import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Pair } from './certificates.ts';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly source: string;
  readonly secure: boolean;
  readonly user: unknown;
}

export interface SmtpReceiver {
  readonly port: number;
  readonly mails: ReceivedMail[];
  close(): Promise<void>;
}

/** A real SMTP server on the loopback address that keeps what it gets. `options` make it misbehave. */
export async function startSmtp(options: SMTPServerOptions = {}, pair?: Pair): Promise<SmtpReceiver> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1,
    ...(pair === undefined ? { disabledCommands: ['STARTTLS'], allowInsecureAuth: true } : pair),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          to: session.envelope.rcptTo.map((one) => one.address),
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          source: Buffer.concat(chunks).toString('utf8'),
          secure: session.secure,
          user: session.user,
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A refusal with a code of SMTP. */
export function smtpError(code: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode: code });
}
