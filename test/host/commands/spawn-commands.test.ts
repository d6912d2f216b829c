import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchPosixCommand } from '../../../src/host/commands/posix-commands.ts';
import { createSpawnCommands } from '../../../src/host/commands/spawn-commands.ts';
import { createRealUsers } from '../../../src/host/machine/real-users.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';
import { createLinuxProcesses } from '../../../src/host/processes/linux-processes.ts';
import { createRealClock } from '../../../src/host/time/real-clock.ts';
import type { CommandSpec } from '../../../src/model/service.ts';
import { killAll } from '../orphans.ts';
import { until } from '../until.ts';

const clock = createRealClock();
const processes = createLinuxProcesses(clock);
const spec = (argv: readonly string[], more: Partial<CommandSpec> = {}): CommandSpec => ({
  argv,
  shell: false,
  env: {},
  timeout: 10_000,
  ...more,
});
const sh = (script: string, more: Partial<CommandSpec> = {}) => spec(['/bin/sh', '-c', script], more);
const runs = (pid: number) => processes.identify(pid) !== undefined;

/** The optional package's way where it can be used, and Node's: nobody may notice which it was. */
describe.each([
  ['posix_spawn', launchPosixCommand],
  ['Node', () => undefined],
])('a command started by %s', (_, quick) => {
  const commands = createSpawnCommands(clock, createRealUsers(clock), 300, quick);

  let folder = '';
  beforeAll(async () => {
    await loadKoffi();
    folder = mkdtempSync(join(tmpdir(), 'watcher-commands-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe('running a command', () => {
    it('leads a session of its own in the folder asked for, with every signal at its default', async () => {
      const ids = (await commands.run(spec(['cut', '-d ', '-f1,5,6', '/proc/self/stat']))).stdout.trim();
      expect(new Set(ids.split(' ')).size).toBe(1);
      const { stdout } = await commands.run(spec(['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status']));
      expect(stdout).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
      expect((await commands.run(spec(['pwd'], { cwd: '/usr' }))).stdout).toBe('/usr\n');
    });

    it('leaves no zombie behind', async () => {
      const { stdout } = await commands.run(sh('echo $$'));
      expect(await processes.one(Number(stdout))).toBeUndefined();
    });

    it('gives exit code and output apart', async () => {
      const result = await commands.run(sh('echo out; echo err >&2; exit 3'));
      expect(result).toMatchObject({ outcome: 'exited', code: 3, stdout: 'out\n', stderr: 'err\n' });
      expect(result.tookMs).toBeGreaterThan(0);
    });

    it('uses no shell unless asked', async () => {
      expect((await commands.run(spec(['echo', '$HOME', '*; ls']))).stdout).toBe('$HOME *; ls\n');
      expect((await commands.run(spec(['echo $((1 + 1))'], { shell: true }))).stdout).toBe('2\n');
    });

    it('gives signals by their short name', async () => {
      expect(await commands.run(sh('kill -SEGV $$'))).toMatchObject({ outcome: 'signalled', signal: 'SEGV' });
    });

    it('keeps the end of a long output, whole characters only', async () => {
      const result = await commands.run(sh('yes äöü | head -n 300000; echo end'), { keep: 1000 });
      expect(result.stdout.endsWith('end\n')).toBe(true);
      expect(Buffer.byteLength(result.stdout)).toBeLessThanOrEqual(1000);
      expect(result.stdout).not.toContain('\uFFFD');
    });

    it('hands over input, and does not mind when nobody reads it', async () => {
      expect((await commands.run(spec(['cat']), { input: 'hello' })).stdout).toBe('hello');
      expect((await commands.run(spec(['true']), { input: 'x'.repeat(1_000_000) })).code).toBe(0);
    });
  });

  describe('the environment', () => {
    it('is the same wherever the watcher was started, and holds none of its secrets', async () => {
      const before = process.env.SMTP_PASSWORD;
      process.env.SMTP_PASSWORD = 'secret';
      try {
        const { stdout } = await commands.run(spec(['env'], { env: { A: 'rule', B: 'rule' } }), {
          env: { A: 'caller', C: 'caller' },
        });
        const lines = stdout.split('\n');
        expect(stdout).not.toContain('secret');
        for (const name of ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'SHELL']) {
          expect(lines.some((line) => line.startsWith(`${name}=`))).toBe(true);
        }
        expect(lines.find((line) => line.startsWith('PATH='))).toContain('/usr/sbin');
        expect(lines).toEqual(expect.arrayContaining(['A=rule', 'B=rule', 'C=caller']));
      } finally {
        if (before === undefined) delete process.env.SMTP_PASSWORD;
        else process.env.SMTP_PASSWORD = before;
      }
    });

    it('starts in the root folder, or where the rule says', async () => {
      expect((await commands.run(spec(['pwd']))).stdout).toBe('/\n');
      expect((await commands.run(spec(['pwd', '-P'], { cwd: tmpdir() }))).code).toBe(0);
    });
  });

  describe.runIf(process.getuid?.() === 0)('another user', () => {
    it('gets its own ids, groups and home', async () => {
      const result = await commands.run(
        sh('id -un; id -g; echo $HOME $USER; grep ^Groups /proc/self/status'),
        {},
      );
      expect(result.stdout.split('\n')[0]).toBe('root');
      const other = await commands.run(sh('id -un; id -u; echo $USER', { user: 'nobody' }));
      expect(other.stdout).toBe('nobody\n65534\nnobody\n');
      const group = await commands.run(sh('id -u; id -gn', { group: 'daemon' }));
      expect(group.stdout).toBe('0\ndaemon\n');
    });

    it('says when there is no such user or program', async () => {
      expect(await commands.run(spec(['true'], { user: 'nosuchuser' }))).toMatchObject({
        outcome: 'not-started',
        reason: "there is no user 'nosuchuser' on this machine",
      });
      expect(await commands.run(spec(['/usr/bin/slep'], { user: 'nobody' }))).toMatchObject({
        outcome: 'not-started',
        reason: '/usr/bin/slep does not exist; did you mean /usr/bin/sleep?',
      });
    });
  });

  describe('what does not start', () => {
    const reason = async (command: CommandSpec) => {
      const result = await commands.run(command);
      expect(result.outcome).toBe('not-started');
      // What the kernel refuses is only known when it was asked.
      const seen = result.reason?.includes('too long') ? undefined : result.reason;
      expect(await commands.trouble(command)).toBe(seen);
      return result.reason ?? '';
    };
    const write = (name: string, text: string, mode: number) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    };

    it('is explained', async () => {
      expect(await reason(spec(['/usr/bin/slep']))).toBe(
        '/usr/bin/slep does not exist; did you mean /usr/bin/sleep?',
      );
      expect(await reason(spec(['slep']))).toMatch(
        /'slep' is in none of the folders of PATH.*did you mean 'sleep'\?/,
      );
      expect(await reason(spec(['/nowhere/bin/x']))).toBe(
        '/nowhere/bin/x does not exist: there is no folder /nowhere/bin',
      );
      expect(await reason(spec(['/usr/bin']))).toBe('/usr/bin is a folder, not a program');
      expect(await reason(spec(['true'], { cwd: '/nowhere' }))).toContain('working directory /nowhere');
      expect(await reason(spec(['']))).toBe('the command is empty');
    });

    it('is seen before it is started, with the PATH of the rule', async () => {
      const tool = spec([basename(write('only-here', '#!/bin/sh\n', 0o755))]);
      expect(await commands.trouble(tool)).toContain("'only-here' is in none of the folders of PATH");
      const found = { ...tool, env: { PATH: folder } };
      expect(await commands.trouble(found)).toBeUndefined();
      expect(await commands.run(found)).toMatchObject({ outcome: 'exited', code: 0 });
      expect(await commands.trouble({ ...sh('x'), shell: true })).toBeUndefined();
      expect(await commands.trouble(spec(['true'], { user: 'nobody-like-this' }))).toBeUndefined();
    });

    it('is explained for scripts as well', async () => {
      const plain = write('plain', '#!/bin/sh\n', 0o644);
      expect(await reason(spec([plain]))).toBe(`${plain} is not executable; run: chmod +x ${plain}`);
      const lost = write('lost', '#!/opt/nowhere/python\n', 0o755);
      expect(await reason(spec([lost]))).toBe(`${lost} needs /opt/nowhere/python, which does not exist`);
      const windows = write('windows', '#!/bin/sh\r\necho\r\n', 0o755);
      expect(await reason(spec([windows]))).toContain('Windows line break');
      const bare = write('bare', 'echo hello\n', 0o755);
      expect(await commands.run(spec([bare]))).toMatchObject({ code: 0, stdout: 'hello\n' });
      expect(await reason(spec(['/bin/echo', 'x'.repeat(3_000_000)]))).toContain('too long');
    });
  });

  describe('deadlines', () => {
    const pidsFrom = (name: string) =>
      readFileSync(join(folder, name), 'utf8').trim().split('\n').map(Number);

    it('end the command and all it has started', async () => {
      const file = join(folder, 'group');
      const result = await commands.run(
        sh(`sleep 600 & echo $! >${file}; sh -c 'sleep 601 & echo $! >>${file}; wait' & wait`, {
          timeout: 400,
        }),
      );
      expect(result).toMatchObject({ outcome: 'timed-out', signal: 'TERM' });
      const pids = pidsFrom('group');
      expect(pids).toHaveLength(2);
      await until(() => !pids.some(runs));
    });

    it('are kept with a command that ignores TERM', async () => {
      const result = await commands.run(
        sh("trap '' TERM; echo ready; while :; do sleep 0.05; done", { timeout: 200 }),
      );
      expect(result).toMatchObject({ outcome: 'timed-out', signal: 'KILL', stdout: 'ready\n' });
    });

    it('hold for a command that is called off', async () => {
      const controller = new AbortController();
      const running = commands.run(sh('sleep 600'), { signal: controller.signal });
      controller.abort();
      expect(await running).toMatchObject({ outcome: 'aborted' });
      expect(await commands.run(sh('exit 0'), { signal: controller.signal })).toMatchObject({
        outcome: 'aborted',
      });
    });
  });

  describe('what a command leaves behind', () => {
    it('ends with it', async () => {
      const { stdout } = await commands.run(sh('sleep 600 >/dev/null & echo $!'));
      await until(() => !runs(Number(stdout)));
    });

    it('lives on when the command is there to start a service, and writing to its pipes does it no harm', async () => {
      // Two megabytes: more than any pipe holds, so somebody must be reading.
      const service = join(folder, 'service');
      const text = '0123456789'.repeat(20);
      writeFileSync(
        service,
        `sleep 0.2; i=0; while [ $i -lt 10000 ]; do echo ${text} || exit 8; i=$((i+1)); done; echo $i >${service}.wrote; exec sleep 600`,
      );
      const started = await commands.run(sh(`sh ${service} & echo $!`), { leaves: 'daemon' });
      const pid = Number(started.stdout);
      try {
        expect(started).toMatchObject({ outcome: 'exited', code: 0 });
        expect(existsSync(`${service}.wrote`)).toBe(false);
        await until(() => existsSync(`${service}.wrote`));
        expect(runs(pid)).toBe(true);
      } finally {
        killAll([pid]);
      }
    });
  });
});
