import { createSocket } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { udp } from '../../src/checks/udp.ts';
import { readOptions } from '../fakes/read-options.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function server(answer?: (data: string) => string): Promise<number> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (data, from) => {
    if (answer !== undefined) socket.send(answer(String(data)), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

it('takes silence for life, unless an answer is expected', async () => {
  const port = await server();
  expect(readingOf(await lookOnce(udp, String(port), { timeout: 100 }))).toEqual({ answered: false });
  const yaml = `{ address: "127.0.0.1:${port}", expect: pong }`;
  expect(reasonOf(await lookOnce(udp, yaml, { timeout: 100 }))).toContain('no answer within 100 ms');
});

it('measures an answer', async () => {
  const port = await server((data) => `got ${data}`);
  const yaml = `{ address: "127.0.0.1:${port}", send: ping, expect: "^got p" }`;
  expect(readingOf(await lookOnce(udp, yaml))).toMatchObject({ answered: true, answer: 'got ping' });
  const other = `{ address: "127.0.0.1:${port}", send: ping, expect: pong }`;
  expect(reasonOf(await lookOnce(udp, other))).toBe(`127.0.0.1:${port} answered 'got ping', expected 'pong'`);
});

it('takes no pattern that could stall the agent', () => {
  expect(() => readOptions(udp, '{ address: "127.0.0.1:1", expect: "a(?=b)" }')).toThrow(/ahead/);
});

it('fails when the port is closed', async () => {
  const port = await server();
  await new Promise<void>((resolve) => {
    const [socket] = open.splice(0) as ReturnType<typeof createSocket>[];
    socket?.close(() => resolve());
  });
  expect(reasonOf(await lookOnce(udp, String(port)))).toContain('nothing listens there');
});
