import { choice, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import {
  converse,
  streamAddress,
  streamOptions,
  streamReading,
  streamReadings,
  streamTarget,
} from './stream.ts';

/** The last line of an answer: three digits and a space (RFC 5321, section 4.2.1). */
const last = (code: number) => ({
  expect: new RegExp(`^${code} [^\\r\\n]*\\r\\n`, 'm'),
  unless: /^[45]\d\d [^\r\n]*\r\n/m,
});

/** A mail server: greeting, EHLO, STARTTLS where asked, QUIT. Sends no mail. */
export const smtp = defineCheck({
  kind: 'smtp',
  summary: 'Greets a mail server (EHLO, STARTTLS where asked) without sending a mail.',
  options: {
    address: streamAddress(25),
    starttls: choice(['no', 'yes'], { summary: 'Whether to go on in TLS with STARTTLS.', default: 'no' }),
    helo: text({ summary: 'Name to greet with.', default: 'watcher.localhost' }),
    ...streamOptions,
  },
  main: 'address',
  readings: {
    ...streamReadings,
    banner: { type: 'text', meaning: 'Greeting of the server.' },
    starttls: { type: 'flag', meaning: 'Whether the server offers STARTTLS.' },
  },
  expects: ['connected'],
  failAfter: 3,
  timeout: 10_000,
  target: streamTarget,
  headline: ['response_time'],
  example: `
smtp: { address: "127.0.0.1:25", starttls: yes, tls: { verify: false } }
`,
  async probe(look) {
    const { helo, starttls } = look.options;
    const greet = [{ send: `EHLO ${helo}\r\n` }, last(250)];
    const outcome = await converse(look, [
      last(220),
      ...greet,
      ...(starttls === 'yes'
        ? [{ send: 'STARTTLS\r\n' }, last(220), { startTls: true } as const, ...greet]
        : []),
      { send: 'QUIT\r\n' },
      last(221),
    ]);
    if (!outcome.ok) return networkFailure(outcome);
    return {
      outcome: 'read',
      reading: {
        ...streamReading(outcome),
        banner: /^220[ -]([^\r\n]*)/m.exec(outcome.received)?.[1] ?? '',
        starttls: /^250[ -]STARTTLS/im.test(outcome.received),
      },
    };
  },
});
