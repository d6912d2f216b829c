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

/**
 * A packet: three bytes of length, a number, then protocol 10 and the version, or 0xff and an error
 * (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html).
 */
const GREETING = /^[\s\S]{3}\0(\n([^\0]*)\0|\xff([\s\S]{2})([\s\S]*))/;

/**
 * A MySQL or MariaDB server: its greeting. Some versions count such looks from another machine as failed logins and
 * block the host after `max_connect_errors` of them; from the machine itself they never do.
 */
export const mysql = defineCheck({
  kind: 'mysql',
  summary: 'Waits for the greeting of a MySQL or MariaDB server; needs no password.',
  options: { address: streamAddress(3306), ...streamOptions },
  main: 'address',
  readings: { ...streamReadings, version: { type: 'text', meaning: 'Version of the server.' } },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  target: streamTarget,
  headline: ['response_time', 'version'],
  example: `
mysql: /run/mysqld/mysqld.sock
`,
  async probe(look) {
    const outcome = await converse(look, [{ expect: GREETING, maxBytes: 4096 }]);
    if (!outcome.ok) return networkFailure(outcome);
    const bytes = Buffer.from(outcome.bytes ?? []).toString('latin1');
    const [, , version, code, message] = GREETING.exec(bytes) ?? [];
    if (code !== undefined) {
      // Too many connections (1040), host blocked (1129), not allowed from here (1130).
      const number = Buffer.from(code, 'latin1').readUInt16LE(0);
      const said = `mysql answered: ${(message ?? '').replace(/^#...../, '')} (${number})`;
      return number === 1129 || number === 1130
        ? { outcome: 'unknown', reason: `${said}; the server does not let the watcher look` }
        : { outcome: 'failed', reason: said };
    }
    return { outcome: 'read', reading: { ...streamReading(outcome), version: version ?? '' } };
  },
});
