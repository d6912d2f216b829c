import { afterEach, expect, it } from 'vitest';
import { mysql } from '../../src/checks/mysql.ts';
import { type Listening, tcpServer } from '../servers/listen.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function greeting(body: Buffer) {
  const head = Buffer.from([body.length & 0xff, body.length >> 8, 0, 0]);
  const server = await tcpServer((socket) => socket.end(Buffer.concat([head, body])));
  open.push(server);
  return `"127.0.0.1:${server.port}"`;
}

const error = (code: number, message: string) =>
  Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(message)]);

it('reads the version', async () => {
  const body = Buffer.concat([Buffer.from([10]), Buffer.from('8.0.36-debian\0'), Buffer.alloc(40, 7)]);
  expect(readingOf(await lookOnce(mysql, await greeting(body))).version).toBe('8.0.36-debian');
});

it('fails when there are no connections left', async () => {
  const yaml = await greeting(error(1040, '#08004Too many connections'));
  expect(reasonOf(await lookOnce(mysql, yaml))).toBe('mysql answered: Too many connections (1040)');
});

it('does not know when it is kept out', async () => {
  const yaml = await greeting(error(1130, "Host 'x' is not allowed to connect"));
  expect(reasonOf(await lookOnce(mysql, yaml), 'unknown')).toContain('does not let the watcher look');
});

it('fails when something else answers', async () => {
  const server = await tcpServer((socket) => socket.end('SSH-2.0-x\r\n'));
  open.push(server);
  expect(reasonOf(await lookOnce(mysql, String(server.port)))).toContain("got 'SSH-2.0-x'");
});
