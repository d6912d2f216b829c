import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import {
  converse,
  streamAddress,
  streamOptions,
  streamReading,
  streamReadings,
  streamTarget,
} from './stream.ts';

/** A line of identification; other lines may come before it (RFC 4253, section 4.2). */
const IDENTIFICATION = /^SSH-(\d\.\d+)-([^\r\n]+)\r?\n/m;

/** An SSH server: its identification. */
export const ssh = defineCheck({
  kind: 'ssh',
  summary: 'Waits for the identification of an SSH server.',
  options: { address: streamAddress(22), ...streamOptions },
  main: 'address',
  readings: {
    ...streamReadings,
    protocol: { type: 'text', meaning: 'Version of the protocol, such as 2.0.' },
    software: { type: 'text', meaning: 'Software and version of the server.' },
  },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  target: streamTarget,
  headline: ['response_time', 'software'],
  example: `
ssh: 127.0.0.1:22
`,
  async probe(look) {
    const outcome = await converse(look, [{ expect: IDENTIFICATION }, { send: 'SSH-2.0-watcher\r\n' }]);
    if (!outcome.ok) return networkFailure(outcome);
    const [, protocol = '', software = ''] = IDENTIFICATION.exec(outcome.received) ?? [];
    return { outcome: 'read', reading: { ...streamReading(outcome), protocol, software } };
  },
});
