import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../../src/managers/docker.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import { podman } from '../../src/managers/podman.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { context, eventually, must, reported, run } from './bed.ts';

const engines = [
  {
    name: 'docker',
    kind: docker,
    socket: '/var/run/docker.sock',
    units: ['docker', 'docker.socket', 'containerd'],
  },
  { name: 'podman', kind: podman, socket: '/run/podman/podman.sock', units: ['podman.socket', 'podman'] },
] as const;

describe.each(engines)('$name', ({ name: engine, kind, socket, units }) => {
  const opened: Manager[] = [];
  const made: string[] = [];

  beforeAll(async () => {
    const rootfs = '/root/rootfs';
    mkdirSync(`${rootfs}/bin`, { recursive: true });
    mkdirSync(`${rootfs}/tmp`);
    cpSync('/bin/busybox', `${rootfs}/bin/busybox`);
    for (const name of ['sh', 'sleep', 'test', 'touch', 'rm', 'echo', 'cat'])
      symlinkSync('busybox', `${rootfs}/bin/${name}`);
    await must('systemctl', 'start', units[0]);
    await must('sh', '-c', `tar -C ${rootfs} -c . | ${engine} import - bb:1`);
    rmSync(rootfs, { recursive: true });
  });
  afterEach(async () => {
    for (const manager of opened.splice(0)) manager.close();
    for (const name of made.splice(0)) await run(engine, 'rm', '-f', name);
  });
  afterAll(async () => {
    await must('systemctl', 'stop', ...units);
  });

  async function container(name: string, ...argv: readonly string[]): Promise<void> {
    made.push(name);
    await must(engine, 'run', '-d', '--name', name, '--network=none', ...argv);
  }
  function open(name: string): Manager {
    const manager = kind.open({ container: name, socket }, context(name, { stopTimeout: 1000 }));
    opened.push(manager);
    return manager;
  }
  /** Has the box give Docker more than its usual ten seconds, which are just what that itself gives its containers. */
  async function withTime(action: () => Promise<unknown>): Promise<void> {
    const dropIn = '/run/systemd/system/docker.service.d';
    mkdirSync(dropIn, { recursive: true });
    writeFileSync(`${dropIn}/time.conf`, '[Service]\nTimeoutSec=60\n');
    await must('systemctl', 'daemon-reload');
    try {
      await action();
    } finally {
      rmSync(dropIn, { recursive: true });
      await must('systemctl', 'daemon-reload');
    }
  }
  async function kill(name: string): Promise<void> {
    process.kill(Number(await must(engine, 'inspect', '-f', '{{.State.Pid}}', name)), 'SIGKILL');
  }
  const sleeping = ['bb:1', '/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

  it('sees it run: main process, processes, cgroup', async () => {
    await container('web', ...sleeping);
    const report = await open('web').report();
    expect(report).toMatchObject({ intent: 'run', activity: 'running', detail: 'running' });
    expect(report.main?.pid).toBe(Number(await must(engine, 'inspect', '-f', '{{.State.Pid}}', 'web')));
    expect(report.cgroup).toMatch(/\.scope/);
    expect(report.pids).toContain(report.main?.pid);
  });

  it('stopped by hand is stopped on purpose, started by hand is watched again', async () => {
    await container('web', ...sleeping);
    const web = open('web');
    for (let round = 0; round < 5; round++) {
      await must(engine, 'stop', '-t', '1', 'web');
      expect(await web.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
      await must(engine, 'start', 'web');
      expect(await web.report()).toMatchObject({ intent: 'run', activity: 'running' });
    }
  });

  it('killed from outside is failed, and a repair starts it', async () => {
    await container('web', ...sleeping);
    const web = open('web');
    for (let round = 0; round < 3; round++) {
      await kill('web');
      expect(await reported(web, ({ activity }) => activity === 'failed')).toMatchObject({
        intent: 'run',
        lastExit: 'signal KILL',
      });
      expect(await web.operate('restart')).toMatchObject({
        ok: true,
        detail: expect.stringContaining('restarted, pid'),
      });
      expect(await web.report()).toMatchObject({ activity: 'running' });
    }
  });

  it('ended by itself with exit code 0 is not stopped on purpose', async () => {
    await container('brief', 'bb:1', '/bin/sleep', '0.1');
    const report = await reported(open('brief'), ({ activity }) => activity !== 'running');
    // Podman 4 leaves no trace that tells this from a stop by hand.
    expect(report.intent).toBe(engine === 'docker' ? 'run' : 'stopped');
  });

  it('a crash loop with a limit ends in giving up', async () => {
    await container('loop', '--restart=on-failure:2', 'bb:1', '/bin/sh', '-c', 'sleep 0.1; exit 3');
    const report = await reported(
      open('loop'),
      ({ activity, restarts }) => activity === 'failed' && restarts === 2,
      20_000,
    );
    expect(report).toMatchObject({ intent: 'run', lastExit: 'exit code 3' });
    expect(report.detail).toContain('gave up after 2 restarts');
  });

  it('start, stop, reload, and their repetition', async () => {
    await container(
      'web',
      'bb:1',
      '/bin/sh',
      '-c',
      'trap "echo got-hup" HUP; trap "exit 0" TERM; while :; do sleep 0.1; done',
    );
    const web = open('web');
    expect(await web.operate('start')).toMatchObject({ ok: true });
    expect(await web.operate('reload')).toMatchObject({ ok: true });
    await eventually(async () =>
      ((await web.logs?.(10)) ?? []).some((line) => /^\d{4}-.*Z got-hup$/.test(line)),
    );
    expect(await web.operate('stop')).toMatchObject({ ok: true, detail: 'stopped' });
    expect(await web.operate('stop')).toMatchObject({ ok: true });
    expect(await web.report()).toMatchObject({ intent: 'stopped' });
  });

  it.each(['no', 'always'])(
    'a reload, a signal by hand, and then a death: failed, with restart policy %s',
    async (policy) => {
      const quiet = 'trap "" HUP USR1; trap "exit 0" TERM; while :; do sleep 0.1; done';
      await container('web', `--restart=${policy}`, 'bb:1', '/bin/sh', '-c', quiet);
      const web = open('web');
      expect(await web.operate('reload')).toMatchObject({ ok: true });
      // Podman tells no signals: of that one only the watcher's own is known.
      if (engine === 'docker') await must(engine, 'kill', '-s', 'USR1', 'web');
      const { main } = await web.report();
      await kill('web');
      // After any signal Docker acts on no restart policy, and so the watcher has to.
      const revived = engine === 'podman' && policy === 'always';
      const report = await reported(web, (now) =>
        revived ? now.activity === 'running' && now.main?.pid !== main?.pid : now.activity === 'failed',
      );
      expect(report.intent).toBe('run');
      if (!revived) expect(await web.operate('restart')).toMatchObject({ ok: true });
      await must(engine, 'stop', '-t', '1', 'web');
      expect((await reported(web, ({ activity }) => activity === 'stopped')).intent).toBe('stopped');
    },
  );

  it('paused, unknown, and an engine that is away', async () => {
    await container('web', ...sleeping);
    await must(engine, 'pause', 'web');
    expect(await open('web').report()).toMatchObject({ intent: 'stopped', detail: 'paused by hand' });
    await must(engine, 'unpause', 'web');
    expect(await open('nonesuch').report()).toMatchObject({ activity: 'missing' });
    const away = kind.open({ container: 'web', socket: '/run/nonesuch.sock' }, context('web'));
    expect(await away.report()).toMatchObject({
      activity: 'unknown',
      detail: expect.stringContaining('does not answer'),
    });
    expect(await away.operate('restart')).toMatchObject({ ok: false });
  });

  it('health of its own', async () => {
    await container(
      'hh',
      '--health-cmd',
      '/bin/test -e /tmp/ok',
      '--health-interval',
      '1s',
      '--health-retries',
      '1',
      ...sleeping,
    );
    const hh = open('hh');
    await reported(hh, ({ warnings }) => warnings?.[0]?.includes('health check failed') === true, 20_000);
    await must(engine, 'exec', 'hh', '/bin/touch', '/tmp/ok');
    await reported(hh, ({ detail }) => detail === 'running, healthy', 20_000);
  });

  it('of several what somebody stopped stays stopped when another is repaired', async () => {
    for (const name of ['v1', 'v2', 'v3']) await container(name, '--label', 'app=v', ...sleeping);
    const all = kind.open({ label: ['app=v'], socket }, context('v', { stopTimeout: 1000 }));
    opened.push(all);
    await must(engine, 'stop', '-t', '1', 'v3');
    expect(await all.report()).toMatchObject({ intent: 'run', activity: 'running' });
    expect((await all.report()).mains).toHaveLength(2);
    await kill('v2');
    await reported(all, ({ activity }) => activity === 'failed');
    expect(await all.operate('restart')).toMatchObject({ detail: expect.stringContaining('1 of 3') });
    expect(await all.report()).toMatchObject({ activity: 'running' });
    expect(await must(engine, 'inspect', '-f', '{{.State.Status}}', 'v3')).toBe('exited');
  });

  it('several with one label: as bad as the worst, and only the broken one is restarted', async () => {
    await container('w1', '--label', 'app=web', ...sleeping);
    await container('w2', '--label', 'app=web', ...sleeping);
    const web = kind.open({ label: ['app=web'], socket }, context('web', { stopTimeout: 1000 }));
    expect(await web.report()).toMatchObject({ activity: 'running', detail: '2 containers running' });
    await kill('w2');
    const report = await reported(web, ({ activity }) => activity === 'failed');
    expect(report.detail).toContain('1 of 2 containers are not running: w2 ');
    expect(await web.operate('restart')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('1 of 2'),
    });
    expect(await web.report()).toMatchObject({ activity: 'running' });
  });

  it('tells of changes at once, also after the engine was away', async () => {
    await container('web', ...sleeping);
    const web = open('web');
    let told = 0;
    web.follow?.(() => {
      told += 1;
    });
    const tells = async (change: () => Promise<unknown>) => {
      const before = told;
      await change();
      await eventually(() => told > before, 3_000);
    };
    await eventually(async () => {
      await run(engine, 'kill', '-s', 'CONT', 'web');
      return told > 0;
    });
    await tells(() => kill('web'));
    await tells(() => must(engine, 'start', 'web'));
    await tells(() => must(engine, 'stop', '-t', '0', 'web'));
  });

  // Podman's containers live on without it, and it keeps its events in a file.
  it.runIf(engine === 'docker')(
    'what a restart of the engine ends is failed, what was stopped before stays so',
    async () => {
      await container('web', 'bb:1', '/bin/sh', '-c', 'while :; do sleep 0.1; done');
      await container('off', 'bb:1', '/bin/sh', '-c', 'while :; do sleep 0.1; done');
      await must(engine, 'stop', '-t', '0', 'off');
      const [web, off] = [open('web'), open('off')];
      const stranger = kind.open({ container: 'off', socket }, context('off'));
      for (const manager of [web, off]) manager.follow?.(() => {});
      expect(await web.report()).toMatchObject({ activity: 'running' });
      expect(await off.report()).toMatchObject({ intent: 'stopped' });
      // The stream has to be open before it can break.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await withTime(() => must('systemctl', 'restart', 'docker'));
      expect(await reported(web, ({ activity }) => activity !== 'unknown', 30_000)).toMatchObject({
        intent: 'run',
        activity: 'failed',
      });
      expect(await off.report()).toMatchObject({ intent: 'stopped' });
      // Who was not there cannot know, and so does nothing.
      expect(await stranger.report()).toMatchObject({ intent: 'unknown', activity: 'unknown' });
      stranger.close();
      expect(await web.operate('restart')).toMatchObject({ ok: true });
    },
    // The engine gives its containers ten seconds to end, and the wait after it has thirty.
    90_000,
  );

  it.runIf(engine === 'docker').each(['no', 'unless-stopped', 'always'])(
    'what the next engine ends after one that was killed is no stop by hand, with restart policy %s',
    async (policy) => {
      await container('web', `--restart=${policy}`, ...sleeping);
      await container('off', `--restart=${policy}`, ...sleeping);
      await must(engine, 'stop', '-t', '1', 'off');
      const [web, off] = [open('web'), open('off')];
      for (const manager of [web, off]) manager.follow?.(() => {});
      expect(await web.report()).toMatchObject({ activity: 'running' });
      expect(await off.report()).toMatchObject({ intent: 'stopped' });
      const before = await must('systemctl', 'show', '-p', 'MainPID', 'docker');
      await withTime(async () => {
        await must('systemctl', 'kill', '--kill-whom=main', '-s', 'KILL', 'docker');
        await eventually(async () => {
          const said = await must('systemctl', 'show', '-p', 'MainPID', '-p', 'ActiveState', 'docker');
          return said.includes('ActiveState=active') && !said.includes(before);
        }, 30_000);
      });
      // Who was not there sees it as well.
      const stranger = kind.open({ container: 'web', socket }, context('web'));
      // `always` is the only policy by which Docker starts again what it has ended like that.
      const activity = policy === 'always' ? 'running' : 'failed';
      for (const manager of [web, stranger]) {
        const settled = (report: ManagerReport) => report.activity === activity;
        expect(await reported(manager, settled)).toMatchObject({ intent: 'run' });
      }
      stranger.close();
      if (policy !== 'always') expect(await off.report()).toMatchObject({ intent: 'stopped' });
      expect(await web.operate('restart')).toMatchObject({ ok: true });
      await must(engine, 'stop', '-t', '1', 'web');
      expect(await web.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
    },
    90_000,
  );

  it('discovers what runs, and what its restart policy wants', async () => {
    await container('web', ...sleeping);
    await container('wanted', '--restart=unless-stopped', ...sleeping);
    await container('once', 'bb:1', '/bin/sleep', '0');
    await must(engine, 'stop', '-t', '1', 'wanted');
    await eventually(
      async () => (await must(engine, 'inspect', '-f', '{{.State.Status}}', 'once')) === 'exited',
    );
    const found = await kind.discover?.(context('x').host);
    expect(found?.services.map(({ name }) => name).sort()).toEqual(['wanted', 'web']);
    expect(found?.services).toContainEqual(
      expect.objectContaining({
        name: 'web',
        pids: [Number(await must(engine, 'inspect', '-f', '{{.State.Pid}}', 'web'))],
      }),
    );
  });
});
