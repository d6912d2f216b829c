import { expect, it } from 'vitest';
import { ssh } from '../../src/checks/ssh.ts';
import { tcpServer } from '../servers/listen.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

it('reads the identification, also after a welcome', async () => {
  const server = await tcpServer((socket) => socket.write('Welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'));
  try {
    expect(readingOf(await lookOnce(ssh, String(server.port)))).toMatchObject({
      protocol: '2.0',
      software: 'OpenSSH_9.2p1 Debian-2',
    });
  } finally {
    await server.close();
  }
});

it('fails when something else answers', async () => {
  const server = await tcpServer((socket) => socket.end('Exceeded MaxStartups\r\n'));
  try {
    expect(reasonOf(await lookOnce(ssh, String(server.port)))).toContain("got 'Exceeded MaxStartups'");
  } finally {
    await server.close();
  }
});
