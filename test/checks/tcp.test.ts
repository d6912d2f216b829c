import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tcp } from '../../src/checks/tcp.ts';
import { readOptions } from '../fakes/read-options.ts';
import { closedPort, tcpServer } from '../servers/listen.ts';
import type { RunningProgram } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

describe('redis', () => {
  let redis: RunningProgram;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('takes connections', async () => {
    const reading = readingOf(await lookOnce(tcp, String(redis.port)));
    expect(reading).toMatchObject({ connected: true, banner: '' });
    expect(Number(reading.latency)).toBeLessThanOrEqual(Number(reading.response_time));
    expect(readingOf(await lookOnce(tcp, `localhost:${redis.port}`)).connected).toBe(true);
  });

  it('answers', async () => {
    const yaml = `{ address: "127.0.0.1:${redis.port}", send: "PING\\r\\n", expect: "^[+]PONG" }`;
    expect(readingOf(await lookOnce(tcp, yaml)).banner).toBe('+PONG\r\n');
  });

  it('takes part in a longer talk', async () => {
    const talk = '[{ send: "SET a 1\\r\\n", expect: "OK" }, { send: "GET a\\r\\n", expect: "^1" }]';
    const reading = readingOf(await lookOnce(tcp, `{ address: "127.0.0.1:${redis.port}", talk: ${talk} }`));
    expect(reading.banner).toBe('+OK\r\n$1\r\n1\r\n');
  });

  it('goes on behind what each turn expected, a lazy one behind as little as can be', async () => {
    const address = `address: "127.0.0.1:${redis.port}"`;
    const talk = (...turns: string[]) =>
      lookOnce(tcp, `{ ${address}, send: "PING one\\r\\n", talk: [${turns.join(', ')}] }`, { timeout: 150 });
    expect(readingOf(await talk('{ expect: "^[$].+" }', '{ expect: "^one$" }')).connected).toBe(true);
    expect(readingOf(await talk('{ expect: "[^x]+?o" }', '{ expect: "^ne" }')).connected).toBe(true);
    expect(reasonOf(await talk('{ expect: "[^x]+n" }', '{ expect: "one" }'))).toContain("'one'");
  });

  it('answers something else', async () => {
    const yaml = `{ address: "127.0.0.1:${redis.port}", send: "NONSENSE\\r\\n", expect: "^[+]PONG" }`;
    expect(reasonOf(await lookOnce(tcp, yaml, { timeout: 150 }))).toContain("only '-ERR unknown command");
  });
});

it('takes no pattern that could stall the agent', () => {
  expect(() => readOptions(tcp, '{ address: "127.0.0.1:1", expect: "(?<!a)b" }')).toThrow(/behind/);
  expect(() => readOptions(tcp, '{ address: "127.0.0.1:1", talk: [{ expect: "a(?=b)" }] }')).toThrow(/ahead/);
});

it('says what a unix socket lacks', async () => {
  expect(reasonOf(await lookOnce(tcp, '/no/such/socket'))).toBe('no such socket: /no/such/socket');
});

it('says when nothing listens, and when the agent called it off', async () => {
  const port = await closedPort();
  expect(reasonOf(await lookOnce(tcp, `127.0.0.1:${port}`))).toBe(
    `connection to 127.0.0.1:${port} refused: nothing listens there`,
  );
  expect(reasonOf(await lookOnce(tcp, String(port), { signal: AbortSignal.abort() }), 'unknown')).toContain(
    'called off',
  );
});

it('says when the other side does not speak TLS', async () => {
  const server = await tcpServer((socket) => socket.end('hello\r\n'));
  try {
    const reason = reasonOf(await lookOnce(tcp, `{ address: "127.0.0.1:${server.port}", secure: true }`));
    expect(reason).toContain('does not speak TLS there');
  } finally {
    await server.close();
  }
});

it('refuses a pattern that is none, and knows what is remote', () => {
  expect(() => readOptions(tcp, '{ address: "80", expect: "(" }')).toThrow();
  expect(tcp.target(readOptions(tcp, 'db.example.com:5432'))).toBe('db.example.com');
  expect(tcp.target(readOptions(tcp, '5432'))).toBeUndefined();
  expect(tcp.target(readOptions(tcp, '/run/x.sock'))).toBeUndefined();
});
