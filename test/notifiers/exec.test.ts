import { expect, it } from 'vitest';
import type { CommandResult } from '../../src/host/commands.ts';
import { exec } from '../../src/notifiers/exec.ts';
import { createNetworkHost } from '../servers/network-host.ts';
import { failed } from './notices.ts';
import { reachOnce, sendOnce } from './receive.ts';

function hostThat(result: Partial<CommandResult>) {
  const host = createNetworkHost();
  const calls: unknown[][] = [];
  const run = async (...call: unknown[]): Promise<CommandResult> => {
    calls.push(call);
    return { outcome: 'exited', code: 0, stdout: '', stderr: '', tookMs: 1, ...result };
  };
  return { host: { ...host, commands: { ...host.commands, run } }, files: host.files, calls };
}

it('gives the program the notice in its environment and on standard input', async () => {
  const { host, calls } = hostThat({});
  const yaml = '{ command: [/usr/local/bin/tell, --loud] }';
  expect(await sendOnce(exec, yaml, { ...failed, text: 'z'.repeat(200_000) }, { host })).toMatchObject({
    ok: true,
  });
  const [command, options] = calls[0] as [{ argv: string[] }, { env: Record<string, string>; input: string }];
  expect(command.argv).toEqual(['/usr/local/bin/tell', '--loud']);
  expect(options.env).toMatchObject({
    WATCHER_TITLE: failed.title,
    WATCHER_STATUS: 'firing',
    WATCHER_SERVICE: 'api',
    WATCHER_CHECK: 'responds',
    WATCHER_INCIDENT: 'api-7K3F',
    WATCHER_RUNBOOK: 'https://wiki.example/runbooks/api',
  });
  expect(options.env['WATCHER_TEXT']?.length).toBeLessThan(100_000);
  expect(JSON.parse(options.input)).toMatchObject({
    version: 1,
    id: failed.id,
    attempt: 1,
    items: failed.items,
  });
});

it.each([
  [{ code: 1, stderr: 'no\nroute' }, true, '/bin/tell exited with 1: no route'],
  [{ code: 75 }, true, '/bin/tell exited with 75'],
  [{ code: 78 }, false, '/bin/tell exited with 78'],
  [{ outcome: 'timed-out' }, true, '/bin/tell did not end in time and was stopped'],
  [{ outcome: 'signalled', signal: 'SIGKILL' }, true, '/bin/tell was ended by SIGKILL'],
  [{ outcome: 'not-started', reason: '/bin/tell does not exist' }, false, '/bin/tell does not exist'],
] as const)('when it ends with %o tries again: %s', async (result, retry, reason) => {
  const { host } = hostThat(result);
  expect(await sendOnce(exec, '{ command: [/bin/tell] }', failed, { host })).toEqual({
    ok: false,
    retry,
    reason,
    // What was stopped may have told people before.
    ...('outcome' in result && result.outcome === 'timed-out' && { perhaps: true }),
  });
});

it('keeps what it was given out of its reason', async () => {
  const { host } = hostThat({ code: 1, stderr: 'token s3cretvalue is wrong' });
  const yaml = '{ command: { run: [/bin/tell], env: { TOKEN: s3cretvalue } } }';
  expect(JSON.stringify(await sendOnce(exec, yaml, failed, { host }))).not.toContain('s3cretvalue');
});

it('can be looked at', async () => {
  const { host, files } = hostThat({});
  expect(await reachOnce(exec, '{ command: [/bin/tell] }', { host })).toMatchObject({ ok: false });
  files.put('/bin/tell', '');
  expect(await reachOnce(exec, '{ command: [/bin/tell] }', { host })).toMatchObject({ ok: true });
});

it('masks before it cuts: no half of a secret is told', async () => {
  const yaml = '{ command: { run: [/bin/tell], env: { TOKEN: s3cretvalue } } }';
  const { host } = hostThat({ code: 1, stderr: `${'z'.repeat(195)}s3cretvalue` });
  const sent = await sendOnce(exec, yaml, failed, { host });
  expect(JSON.stringify(sent)).not.toContain('s3c');
});
