import { expect, it } from 'vitest';
import { lookAtMachine } from '../../../src/cli/doctor/look-at-machine.ts';
import type { Filesystems } from '../../../src/host/filesystems.ts';
import { createFakeFilesystems, createFakeHost } from '../../fakes/fake-host.ts';

const stateDir = '/var/lib/watcher';

async function told(filesystems: Filesystems): Promise<readonly string[]> {
  const host = createFakeHost({ filesystems });
  const findings = await lookAtMachine(host, { stateDir, program: '/no/such/program' });
  return findings.map(({ level, code, message }) => `${level} ${code}: ${message}`);
}

it('tells of little room for the state, and of next to none', async () => {
  expect(await told(createFakeFilesystems())).not.toContainEqual(expect.stringContaining('little-room'));
  expect(await told(createFakeFilesystems({ free: 50_000_000 }))).toContainEqual(
    expect.stringMatching(/^warning little-room: only .* are free for \/var\/lib\/watcher$/),
  );
  expect(await told(createFakeFilesystems({ free: 5_000_000 }))).toContainEqual(
    expect.stringMatching(/^error little-room/),
  );
});

it('does not wait for a mount whose server is gone, and tells of it', async () => {
  const dead: Filesystems = {
    mounts: async () => [],
    usage: async () => ({ ok: false, code: 'ETIMEDOUT', reason: '/var/lib did not answer within 5000 ms' }),
  };
  expect(await told(dead)).toContain('error no-answer: /var/lib did not answer within 5000 ms');
});
