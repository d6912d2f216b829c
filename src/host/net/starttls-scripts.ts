import type { SocketTurn } from '../sockets.ts';
import type { StartTlsProtocol } from '../tls.ts';

/** SSLRequest (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** The last line of an answer with a code; 4xx and 5xx are refusals (RFC 5321, section 4.2; RFC 959, section 4.2). */
const code = (number: number): SocketTurn => ({
  expect: new RegExp(`^${number} [^\\r\\n]*\\r\\n`, 'm'),
  unless: /^[45]\d\d [^\r\n]*\r\n/m,
});

/** How TLS is asked for in each protocol: RFC 3207, RFC 9051 (6.2.1), RFC 2595 (4), RFC 4217, PostgreSQL. */
export const starttlsScripts: Readonly<Record<StartTlsProtocol, readonly SocketTurn[]>> = {
  smtp: [code(220), { send: 'EHLO watcher.localhost\r\n' }, code(250), { send: 'STARTTLS\r\n' }, code(220)],
  imap: [
    { expect: /^\* OK[^\r\n]*\r\n/m, unless: /^\* BYE/m },
    { send: 'a STARTTLS\r\n' },
    { expect: /^a OK[^\r\n]*\r\n/m, unless: /^a (NO|BAD)/m },
  ],
  pop3: [
    { expect: /^\+OK[^\r\n]*\r\n/, unless: /^-ERR/ },
    { send: 'STLS\r\n' },
    { expect: /^\+OK[^\r\n]*\r\n/, unless: /^-ERR/ },
  ],
  ftp: [code(220), { send: 'AUTH TLS\r\n' }, code(234)],
  postgres: [{ send: SSL_REQUEST }, { expect: /^S/, unless: /^[NE]/ }],
};
