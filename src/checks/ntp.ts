import { otherHost } from '../lib/loopback.ts';
import { hostPort } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';

/** Seconds from 1900, where NTP begins to count, to 1970. */
const EPOCH = 2_208_988_800;

/** An NTP server: whether it is synchronised, and how far this clock is off (RFC 5905). */
export const ntp = defineCheck({
  kind: 'ntp',
  summary:
    'Asks a time server for the time: whether it is synchronised, and how far the clock of this host is off.',
  options: { address: hostPort({ summary: 'Server to ask.', defaultPort: 123 }) },
  main: 'address',
  readings: {
    synchronised: { type: 'flag', meaning: 'Whether the server itself knows the time.' },
    stratum: {
      type: 'number',
      quantity: 'count',
      meaning: 'Steps from a reference clock; 1 is nearest.',
      min: 0,
      max: 255,
    },
    offset: {
      type: 'number',
      quantity: 'duration',
      meaning: 'How far the clock of this host is off, without sign.',
      min: 0,
    },
    latency: { type: 'number', quantity: 'duration', meaning: 'Time until the answer.', min: 0 },
  },
  expects: ['synchronised'],
  failAfter: 3,
  timeout: 5000,
  target: ({ address }) => otherHost(address.host),
  headline: ['offset', 'stratum'],
  example: `
ntp: ntp.example.com
expect: offset < 500 ms
`,
  async probe({ options, host, timeout, signal }) {
    const { address } = options;
    const sentAt = host.clock.instant().wall;
    // Version 4, mode 3 (client); the server sends our time stamp back, which tells its answer from a stray one.
    const request = Buffer.alloc(48);
    request[0] = 0x23;
    writeTime(request, 40, sentAt);
    const outcome = await host.sockets.exchange(address, request, timeout, signal);
    if (!outcome.ok) return networkFailure(outcome);
    const gotAt = sentAt + outcome.totalMs;
    const answer = Buffer.from(outcome.bytes);
    const mode = (answer[0] ?? 0) & 7;
    if (answer.length < 48 || mode !== 4 || !answer.subarray(24, 32).equals(request.subarray(40, 48))) {
      return {
        outcome: 'failed',
        reason: `what ${address.host}:${address.port} answered is not the time (NTP)`,
      };
    }
    const leap = (answer[0] ?? 0) >> 6;
    const stratum = answer[1] ?? 0;
    // Section 8: half of the way there and back is taken out.
    const offset = (readTime(answer, 32) - sentAt + (readTime(answer, 40) - gotAt)) / 2;
    return {
      outcome: 'read',
      reading: {
        // Leap indicator 3: not synchronised; stratum 0: a refusal, from 16 on: not synchronised (sections 7.3, 7.4).
        synchronised: leap !== 3 && stratum > 0 && stratum < 16,
        stratum,
        offset: Math.abs(offset),
        latency: outcome.totalMs,
      },
    };
  },
});

function writeTime(buffer: Buffer, at: number, ms: number): void {
  buffer.writeUInt32BE((Math.floor(ms / 1000) + EPOCH) % 2 ** 32, at);
  buffer.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32) >>> 0, at + 4);
}

function readTime(buffer: Buffer, at: number): number {
  const seconds = buffer.readUInt32BE(at);
  // The count begins anew in 2036: small numbers are of the next era (section 6).
  const era = seconds < 2 ** 31 ? 2 ** 32 : 0;
  return (seconds + era - EPOCH) * 1000 + (buffer.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}
