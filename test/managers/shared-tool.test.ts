import { expect, it } from 'vitest';
import type { CommandResult } from '../../src/host/commands.ts';
import type { Host } from '../../src/host/host.ts';
import { runSharedTool } from '../../src/managers/shared-tool.ts';

/** A host whose programs end when the test says so. */
function slowHost() {
  const started: { readonly argv: readonly string[]; end(stdout: string): void; fail(): void }[] = [];
  const run = ({ argv }: { argv: readonly string[] }): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      started.push({
        argv,
        end: (stdout) => resolve({ stdout } as unknown as CommandResult),
        fail: () => reject(new Error('no more descriptors')),
      });
    });
  return { host: { commands: { run } } as unknown as Host, started };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a list that many ask for at once runs twice, and nobody gets an answer from before the question', async () => {
  const { host, started } = slowHost();
  const first = runSharedTool(host, ['forever', 'list']);
  const later = Array.from({ length: 20 }, () => runSharedTool(host, ['forever', 'list']));
  expect(started).toHaveLength(1);
  started[0]?.end('old');
  await settled();
  expect(started).toHaveLength(2);
  const last = runSharedTool(host, ['forever', 'list']);
  started[1]?.end('new');
  await settled();
  started[2]?.end('newest');
  expect((await first).stdout).toBe('old');
  expect(new Set((await Promise.all(later)).map(({ stdout }) => stdout))).toEqual(new Set(['new']));
  expect((await last).stdout).toBe('newest');
  const afterwards = runSharedTool(host, ['forever', 'list']);
  expect(started).toHaveLength(4);
  started[3]?.end('once more');
  expect((await afterwards).stdout).toBe('once more');
});

it('another home or user is another list, and one that could not run is run again for the next', async () => {
  const { host, started } = slowHost();
  const mine = runSharedTool(host, ['forever', 'list']);
  const theirs = runSharedTool(host, ['forever', 'list'], { user: 'deploy' });
  const waiting = runSharedTool(host, ['forever', 'list']);
  expect(started).toHaveLength(2);
  started[0]?.fail();
  await expect(mine).rejects.toThrow('no more descriptors');
  started[1]?.end('theirs');
  started[2]?.end('mine');
  expect((await theirs).stdout).toBe('theirs');
  expect((await waiting).stdout).toBe('mine');
});
