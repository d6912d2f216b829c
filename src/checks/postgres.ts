import { text } from '../schema/fields.ts';
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

/** Protocol 3.0 (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const PROTOCOL = 0x0003_0000;

/** Begins of answers: authentication request, error, negotiation of the version; then the length. */
const ANSWER = /^[REv][\s\S]{4}/;

/**
 * Answers that say the server cannot serve: starting, stopping, in recovery, no connections left, broken
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html). Others (no such user) come from a healthy one.
 */
const UNWELL = /^(57P0[1-5]|53...|58...|XX...|08...)$/;

/** A PostgreSQL server: whether it takes logins. No login is needed, as `pg_isready` needs none. */
export const postgres = defineCheck({
  kind: 'postgres',
  summary: 'Asks a PostgreSQL server whether it takes logins, as pg_isready does; needs no password.',
  options: {
    address: streamAddress(5432),
    user: text({ summary: 'User name to ask with; need not exist.', default: 'watcher' }),
    database: text({ summary: 'Database to ask for; need not exist.', default: 'postgres' }),
    ...streamOptions,
  },
  main: 'address',
  readings: {
    ...streamReadings,
    sqlstate: {
      type: 'text',
      meaning: 'Code of the error that the server answered; empty when it asked for a login.',
    },
  },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  target: streamTarget,
  headline: ['response_time'],
  example: `
postgres: 127.0.0.1:5432
`,
  async probe(look) {
    const { user, database } = look.options;
    const terminate = Buffer.from([0x58, 0, 0, 0, 4]);
    const outcome = await converse(look, [
      { send: startup({ user, database, application_name: 'watcher' }) },
      // An error is read to its end, which is two zero bytes.
      { expect: /^(R[\s\S]{8}|v[\s\S]{4}|E[\s\S]{4}[\s\S]*?\0\0)/ },
      { send: terminate },
    ]);
    if (!outcome.ok) return networkFailure(outcome);
    const bytes = Buffer.from(outcome.bytes ?? []).toString('latin1');
    if (!ANSWER.test(bytes) || !bytes.startsWith('E')) {
      return { outcome: 'read', reading: { ...streamReading(outcome), sqlstate: '' } };
    }
    const fields = new Map(
      bytes
        .slice(5)
        .split('\0')
        .map((field) => [field[0] ?? '', field.slice(1)] as const),
    );
    const sqlstate = fields.get('C') ?? '';
    if (UNWELL.test(sqlstate)) {
      return {
        outcome: 'failed',
        reason: `postgres answered: ${fields.get('M') ?? 'an error'} (${sqlstate})`,
      };
    }
    return { outcome: 'read', reading: { ...streamReading(outcome), sqlstate } };
  },
});

function startup(parameters: Readonly<Record<string, string>>): Uint8Array {
  const text = Object.entries(parameters)
    .flat()
    .map((word) => `${word.replaceAll('\0', '')}\0`)
    .join('');
  const body = Buffer.from(`${text}\0`, 'utf8');
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(PROTOCOL, 4);
  return Buffer.concat([head, body]);
}
