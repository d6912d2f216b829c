import { createSocket } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { ntp } from '../../src/checks/ntp.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A time server that is `ahead` milliseconds ahead of this clock. */
async function server(ahead: number, leap = 0, stratum = 2): Promise<string> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (data, from) => {
    const answer = Buffer.alloc(48);
    answer[0] = (leap << 6) | 0x24;
    answer[1] = stratum;
    data.copy(answer, 24, 40, 48);
    const now = Date.now() + ahead;
    for (const at of [32, 40]) {
      answer.writeUInt32BE((Math.floor(now / 1000) + 2_208_988_800) % 2 ** 32, at);
      answer.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32), at + 4);
    }
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return `"127.0.0.1:${socket.address().port}"`;
}

it('tells how far the clock is off, in either direction', async () => {
  for (const ahead of [3_600_000, -3_600_000]) {
    const reading = readingOf(await lookOnce(ntp, await server(ahead)));
    expect(reading).toMatchObject({ synchronised: true, stratum: 2 });
    // The clock of the test's host stands while the server's goes on: a few milliseconds.
    expect(Math.abs(Number(reading.offset) - 3_600_000)).toBeLessThan(5000);
  }
});

it('tells a server that does not know the time itself', async () => {
  expect(readingOf(await lookOnce(ntp, await server(0, 3)))).toMatchObject({ synchronised: false });
  expect(readingOf(await lookOnce(ntp, await server(0, 0, 16)))).toMatchObject({ synchronised: false });
});

it('fails when the answer is not the time', async () => {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (_data, from) => socket.send('hello', from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  expect(reasonOf(await lookOnce(ntp, String(socket.address().port)))).toContain('is not the time');
});
