import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redis } from '../../src/checks/redis.ts';
import { closedPort, tcpServer } from '../servers/listen.ts';
import type { RunningProgram } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

describe('redis', () => {
  let open: RunningProgram;
  let locked: RunningProgram;
  beforeAll(async () => {
    [open, locked] = await Promise.all([
      startRedis('--maxmemory', '64mb'),
      startRedis('--requirepass', 'sesame $x'),
    ]);
  });
  afterAll(() => Promise.all([open.stop(), locked.stop()]));

  it('tells its numbers', async () => {
    const reading = readingOf(await lookOnce(redis, String(open.port)));
    expect(reading).toMatchObject({
      connected: true,
      role: 'master',
      clients: 1,
      max_memory: 64 * 1024 * 1024,
      replicas: 0,
      loading: false,
      last_save_ok: true,
    });
    expect(reading.version).toMatch(/^\d+\.\d+/);
    expect(Number(reading.used_memory)).toBeGreaterThan(100_000);
  });

  it('is asked for no more than somebody looks at', async () => {
    const reading = readingOf(
      await lookOnce(redis, String(open.port), { wanted: new Set(['response_time']) }),
    );
    expect(Object.keys(reading).toSorted()).toEqual(['connected', 'latency', 'response_time']);
  });

  it('takes a password, is well without one, and a wrong one is the mistake of the rule', async () => {
    const address = `address: "127.0.0.1:${locked.port}"`;
    expect(readingOf(await lookOnce(redis, `{ ${address}, password: "sesame $x" }`)).role).toBe('master');
    expect(readingOf(await lookOnce(redis, `{ ${address} }`)).connected).toBe(true);
    const wrong = await lookOnce(redis, `{ ${address}, user: default, password: wrong-one }`);
    expect(reasonOf(wrong, 'unknown')).toMatch(/^redis refused the login: WRONGPASS/);
    expect(JSON.stringify(wrong)).not.toContain('wrong-one');
  });
});

it('fails when it is loading, hangs or is not there', async () => {
  const loading = await tcpServer((socket) =>
    socket.on('data', () => socket.write('-LOADING Redis is loading the dataset in memory\r\n')),
  );
  const silent = await tcpServer(() => {});
  try {
    const look = (port: number) => lookOnce(redis, String(port), { timeout: 200, wanted: new Set() });
    expect(reasonOf(await look(loading.port))).toBe(
      'redis answered: LOADING Redis is loading the dataset in memory',
    );
    expect(reasonOf(await look(silent.port))).toContain('no answer within 200 ms');
    expect(reasonOf(await look(await closedPort()))).toContain('refused');
  } finally {
    await Promise.all([loading.close(), silent.close()]);
  }
});
