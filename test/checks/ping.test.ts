import { expect, it } from 'vitest';
import { ping } from '../../src/checks/ping.ts';
import type { CommandResult } from '../../src/host/commands.ts';
import { createNetworkHost } from '../servers/network-host.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

function hostThat(result: Partial<CommandResult>) {
  const host = createNetworkHost();
  const calls: string[][] = [];
  const run = async ({ argv }: { argv: readonly string[] }): Promise<CommandResult> => {
    calls.push([...argv]);
    return { outcome: 'exited', code: 0, stdout: '', stderr: '', tookMs: 1, ...result };
  };
  return { host: { ...host, commands: { ...host.commands, run } }, calls };
}

const iputils = `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.

--- 127.0.0.1 ping statistics ---
4 packets transmitted, 3 received, 25% packet loss, time 610ms
rtt min/avg/max/mdev = 0.025/0.131/0.352/0.049 ms
`;

const busybox = `PING 127.0.0.1 (127.0.0.1): 56 data bytes

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 0.065/0.084/0.109 ms
`;

it('reads the summary of every ping', async () => {
  const { host, calls } = hostThat({ stdout: iputils });
  const yaml = '{ address: 127.0.0.1, count: 4, family: 4 }';
  expect(readingOf(await lookOnce(ping, yaml, { host }))).toEqual({
    received: 3,
    loss: 25,
    latency: 0.131,
    latency_max: 0.352,
  });
  expect(calls[0]?.join(' ')).toBe('ping -n -q -c 4 -i 0.2 -w 5 -4 127.0.0.1');
  expect(readingOf(await lookOnce(ping, '127.0.0.1', hostThat({ stdout: busybox })))).toMatchObject({
    received: 3,
    loss: 0,
    latency: 0.084,
  });
});

it('measures silence, and fails on a name that is none', async () => {
  const lost = 'x\n3 packets transmitted, 0 received, 100% packet loss, time 2040ms\n';
  expect(readingOf(await lookOnce(ping, '192.0.2.1', hostThat({ code: 1, stdout: lost })))).toEqual({
    received: 0,
    loss: 100,
  });
  const unknownName = { code: 2, stderr: 'ping: nowhere.invalid: Name or service not known\n' };
  expect(reasonOf(await lookOnce(ping, 'nowhere.invalid', hostThat(unknownName)))).toContain(
    'Name or service not known',
  );
});

it('does not know when it cannot ask', async () => {
  const missing = { outcome: 'not-started', reason: 'ping was not found' } as const;
  expect(reasonOf(await lookOnce(ping, '127.0.0.1', hostThat(missing)), 'unknown')).toBe(
    'ping was not found; install it (Debian: iputils-ping)',
  );
  const forbidden = { code: 2, stderr: 'ping: socket: Operation not permitted' };
  expect(reasonOf(await lookOnce(ping, '127.0.0.1', hostThat(forbidden)), 'unknown')).toContain(
    'not permitted',
  );
  const { host, calls } = hostThat({});
  expect(reasonOf(await lookOnce(ping, '"-f"', { host }), 'unknown')).toContain('is not a host');
  expect(calls).toEqual([]);
});
