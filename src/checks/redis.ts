import { secretText, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import { redisInfo, redisReadings } from './redis-info.ts';
import {
  converse,
  streamAddress,
  streamOptions,
  streamReading,
  streamReadings,
  streamTarget,
} from './stream.ts';

/** One line of a reply: a simple string or an error (https://redis.io/docs/latest/develop/reference/protocol-spec). */
const LINE = /^[+-][^\r\n]*\r\n/m;

/** A Redis, Valkey or KeyDB server: PING, and INFO where a condition looks at what it tells. */
export const redis = defineCheck({
  kind: 'redis',
  summary: 'Asks a Redis server (or one that speaks as it does) with PING, and INFO for its numbers.',
  options: {
    address: streamAddress(6379),
    user: text({ summary: 'User name, where the server has users.', optional: true }),
    password: secretText({ summary: 'Password.', optional: true }),
    ...streamOptions,
  },
  main: 'address',
  readings: { ...streamReadings, ...redisReadings },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  target: streamTarget,
  headline: ['response_time', 'used_memory'],
  example: `
redis: 127.0.0.1:6379
expect: response_time < 100 ms
`,
  async probe(look) {
    const { user, password } = look.options;
    const login = [...(user === undefined ? [] : [user]), ...(password === undefined ? [] : [password])];
    const wanted = look.wanted;
    const info = wanted === undefined || Object.keys(redisReadings).some((name) => wanted.has(name));
    const outcome = await converse(look, [
      ...(login.length === 0 ? [] : [{ send: request('AUTH', ...login) }, { expect: LINE }]),
      { send: request('PING') },
      { expect: LINE },
      // The answer to QUIT marks the end of the long one before it.
      ...(info ? [{ send: request('INFO') + request('QUIT') }, { expect: /(^|\r\n)\+OK\r\n$/ }] : []),
    ]);
    if (!outcome.ok) return networkFailure(outcome);
    const errors = outcome.received.match(/^-[^\r\n]*/gm) ?? [];
    const [first] = errors;
    if (
      first !== undefined &&
      login.length > 0 &&
      /^-(WRONGPASS|NOAUTH|ERR .*(auth|password))/i.test(first)
    ) {
      return {
        outcome: 'unknown',
        reason: `redis refused the login: ${first.slice(1)}; mend user and password of the check`,
      };
    }
    // Without a login given, being asked for one is the answer of a server that is well.
    const trouble = errors.find((error) => !/^-(NOAUTH|NOPERM)/.test(error));
    if (trouble !== undefined) return { outcome: 'failed', reason: `redis answered: ${trouble.slice(1)}` };
    return { outcome: 'read', reading: { ...streamReading(outcome), ...redisInfo(outcome.received) } };
  },
});

/** A command as an array of bulk strings, so that any text may stand in it. */
function request(...words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}
