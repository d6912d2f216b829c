import type { CommandResult } from '../host/commands.ts';
import { otherHost } from '../lib/loopback.ts';
import type { ProbeResult } from '../model/reading.ts';
import { choice, integer, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';

/** ICMP echo through the system's `ping`, which may send it where the watcher itself may not. */
export const ping = defineCheck({
  kind: 'ping',
  summary: 'Sends ICMP echo requests with the program `ping`; needs no rights of its own.',
  options: {
    address: text({ summary: 'Host name or address.' }),
    count: integer({ summary: 'How many requests to send.', default: 3, min: 1, max: 20 }),
    family: choice(['any', '4', '6'], { summary: 'IP version to use.', default: 'any' }),
  },
  main: 'address',
  readings: {
    received: { type: 'number', quantity: 'count', meaning: 'How many answers came.', min: 0 },
    loss: {
      type: 'number',
      quantity: 'percent',
      meaning: 'Share of requests without an answer.',
      min: 0,
      max: 100,
    },
    latency: { type: 'number', quantity: 'duration', meaning: 'Mean time until the answer.', min: 0 },
    latency_max: { type: 'number', quantity: 'duration', meaning: 'Longest time until the answer.', min: 0 },
  },
  expects: ['received > 0'],
  failAfter: 3,
  timeout: 5000,
  target: ({ address }) => otherHost(address),
  startsProgram: true,
  headline: ['latency', 'loss'],
  example: `
ping: 192.0.2.1
expect: loss < 50%
`,
  async probe({ options, host, timeout, signal }) {
    const { address, count, family } = options;
    if (address.startsWith('-')) return { outcome: 'unknown', reason: `'${address}' is not a host` };
    // All requests fit into the time, and the last one leaves time for its answer.
    const seconds = Math.max(1, Math.floor(timeout / 1000));
    const argv = [
      ...['ping', '-n', '-q', '-c', String(count), '-i', '0.2', '-w', String(seconds)],
      ...(family === 'any' ? [] : [`-${family}`]),
      address,
    ];
    const result = await host.commands.run(
      { argv, shell: false, env: { LC_ALL: 'C' }, timeout: timeout + 500 },
      { signal, keep: 4096 },
    );
    return readPing(result, address);
  },
});

/** The summary of ping of iputils, BusyBox and BSD: exit code 1 means that nothing came back, 2 that it could not ask. */
function readPing(result: CommandResult, address: string): ProbeResult {
  if (result.outcome === 'not-started') {
    const reason = `${result.reason ?? 'ping cannot be started'}; install it (Debian: iputils-ping)`;
    return { outcome: 'unknown', reason };
  }
  if (result.outcome === 'aborted')
    return { outcome: 'unknown', reason: `${address}: the look was called off` };
  const packets = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(result.stdout);
  if (packets === null) {
    const said = `${result.stderr} ${result.stdout}`.replace(/\s+/g, ' ').trim().slice(0, 200);
    if (result.outcome === 'timed-out')
      return { outcome: 'failed', reason: `no answer from ${address} in time` };
    const own =
      /not permitted|permission denied|usage:|(unknown|invalid|unrecognized) option|invalid argument/i.test(
        said,
      );
    return {
      outcome: own ? 'unknown' : 'failed',
      reason: `ping ${address}: ${said === '' ? 'no output' : said}`,
    };
  }
  const sent = Number(packets[1]);
  const received = Number(packets[2]);
  const times = /=\s*[\d.]+\/([\d.]+)\/([\d.]+)/.exec(result.stdout);
  return {
    outcome: 'read',
    reading: {
      received,
      loss: sent === 0 ? 100 : ((sent - received) / sent) * 100,
      ...(times === null ? {} : { latency: Number(times[1]), latency_max: Number(times[2]) }),
    },
  };
}
