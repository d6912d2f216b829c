import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { websocket } from '../../src/checks/websocket.ts';
import { type Listening, listen } from '../servers/listen.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function server(pong: boolean, accept?: string): Promise<string> {
  const http = createServer((_request, response) => response.writeHead(404).end('no such page'));
  http.on('upgrade', (request, socket) => {
    const key = String(request.headers['sec-websocket-key']);
    const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${accept ?? hash}`,
        ...(request.headers['sec-websocket-protocol'] ? ['Sec-WebSocket-Protocol: chat'] : []),
        '',
        '',
      ].join('\r\n'),
    );
    // A text frame first, as a server that greets.
    socket.write(Buffer.from([0x81, 2, 0x68, 0x69]));
    socket.on('data', (data: Buffer) => {
      if (data[0] === 0x89 && pong) socket.write(Buffer.from([0x8a, 0]));
    });
  });
  const listening = await listen(http);
  open.push(listening);
  return `127.0.0.1:${listening.port}`;
}

it('is opened, pinged and closed', async () => {
  const yaml = `{ url: "ws://${await server(true)}/live?x=1", protocol: chat }`;
  expect(readingOf(await lookOnce(websocket, yaml))).toMatchObject({ connected: true, protocol: 'chat' });
});

it('fails when it refuses, lies or does not answer', async () => {
  const plain = await listen(
    createServer((_request, response) => response.writeHead(404).end('no such page')),
  );
  open.push(plain);
  expect(reasonOf(await lookOnce(websocket, `ws://127.0.0.1:${plain.port}/`))).toBe(
    `127.0.0.1:${plain.port} refused the upgrade with status 404`,
  );
  expect(reasonOf(await lookOnce(websocket, `ws://${await server(true, 'wrong')}/`))).toContain('wrong key');
  expect(reasonOf(await lookOnce(websocket, `ws://${await server(false)}/`, { timeout: 200 }))).toContain(
    'within 200 ms',
  );
});
