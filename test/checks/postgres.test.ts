import { afterEach, expect, it } from 'vitest';
import { postgres } from '../../src/checks/postgres.ts';
import { type Listening, tcpServer } from '../servers/listen.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function answering(answer: Buffer) {
  const got: Buffer[] = [];
  const server = await tcpServer((socket) =>
    socket.on('data', (data) => {
      got.push(data);
      socket.write(answer);
    }),
  );
  open.push(server);
  return { yaml: `"127.0.0.1:${server.port}"`, got };
}

function error(fields: string): Buffer {
  const body = Buffer.from(`${fields.replaceAll('|', '\0')}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

it('asks for a login as pg_isready does', async () => {
  // AuthenticationSASL.
  const { yaml, got } = await answering(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 10]));
  expect(readingOf(await lookOnce(postgres, yaml))).toMatchObject({ connected: true, sqlstate: '' });
  const [startup] = got;
  expect(startup?.readUInt32BE(0)).toBe(startup?.length);
  expect(startup?.readUInt32BE(4)).toBe(0x30000);
  expect(startup?.subarray(8).toString()).toBe(
    'user\0watcher\0database\0postgres\0application_name\0watcher\0\0',
  );
});

it('takes a refusal of the login for the answer of a healthy server', async () => {
  const { yaml } = await answering(error('SFATAL|C28000|Mrole "watcher" does not exist'));
  expect(readingOf(await lookOnce(postgres, yaml)).sqlstate).toBe('28000');
});

it.each([
  ['57P03', 'the database system is starting up'],
  ['57P01', 'terminating connection due to administrator command'],
  ['53300', 'sorry, too many clients already'],
])('fails on %s', async (code, message) => {
  const { yaml } = await answering(error(`SFATAL|C${code}|M${message}`));
  expect(reasonOf(await lookOnce(postgres, yaml))).toBe(`postgres answered: ${message} (${code})`);
});

it('fails when something else answers', async () => {
  const { yaml } = await answering(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  expect(reasonOf(await lookOnce(postgres, yaml, { timeout: 150 }))).toContain('HTTP/1.1 400');
});
