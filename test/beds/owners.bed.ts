import { mkdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Manager } from '../../src/managers/manager-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { eventually, removeFolder, reported, run } from './bed.ts';
import { home, owners, script } from './owners.ts';

describe.each(owners)('$name', (bed) => {
  const opened: Manager[] = [];
  const patient = { startTimeout: 15_000, stopTimeout: 10_000 };

  function open(service: 'app' | 'bad'): Manager {
    const manager = bed.open(service, patient);
    opened.push(manager);
    return manager;
  }
  const running = ({ activity }: ManagerReport) => activity === 'running';

  beforeAll(async () => {
    mkdirSync(home, { recursive: true });
    script(`${home}/app`, '#!/bin/sh\necho hello from app\nexec /bin/sleep 1000');
    script(`${home}/bad`, '#!/bin/sh\nexit 3');
    await bed.up();
  });
  afterEach(() => {
    for (const manager of opened.splice(0)) manager.close();
  });
  afterAll(async () => {
    await bed.down();
    removeFolder(home);
  });

  it('runs: main process with identity', async () => {
    const report = await reported(open('app'), running, 15_000);
    expect(report.intent).toBe('run');
    expect(report.main?.pid).toBeGreaterThan(1);
    expect((await run('cat', `/proc/${report.main?.pid}/comm`)).out.trim()).toMatch(/^(sleep|node)$/);
  });

  it('stopped by hand is stopped on purpose; started by hand it is watched again', async () => {
    const app = open('app');
    await reported(app, running);
    await bed.stop();
    const report = await reported(app, ({ activity }) => activity === 'stopped', 15_000);
    expect(report.intent).toBe('stopped');
    await bed.start();
    expect((await reported(app, running, 15_000)).intent).toBe('run');
  });

  it('killed: its manager restarts it by itself, and the reports in between never say stopped', async () => {
    const app = open('app');
    const before = await reported(app, running);
    process.kill(before.main?.pid ?? 0, 'SIGKILL');
    const seen: ManagerReport[] = [];
    await reported(
      app,
      (report) => {
        seen.push(report);
        return running(report) && report.main !== undefined && report.main.pid !== before.main?.pid;
      },
      20_000,
    );
    expect(seen.map(({ intent }) => intent)).not.toContain('stopped');
  });

  it('restart, stop and start through it, and each of them once more', async () => {
    const app = open('app');
    const before = await reported(app, running);
    const restart = await app.operate('restart');
    expect(restart).toMatchObject({ ok: true });
    const after = await reported(app, running);
    expect(after.main?.pid).not.toBe(before.main?.pid);
    expect(await app.operate('stop')).toMatchObject({ ok: true });
    expect((await reported(app, ({ activity }) => activity === 'stopped')).intent).toBe('stopped');
    expect(await app.operate('stop')).toMatchObject({ ok: true });
    expect(await app.operate('start')).toMatchObject({ ok: true });
    expect(await app.operate('start')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('already running'),
    });
    expect((await app.report()).intent).toBe('run');
  });

  it('tells of a death at once', async () => {
    const app = open('app');
    const before = await reported(app, running, 15_000);
    let told = 0;
    app.follow?.(() => {
      told += 1;
    });
    await app.report();
    process.kill(before.main?.pid ?? 0, 'SIGKILL');
    await eventually(() => told > 0, 3_000);
    await reported(app, running, 20_000);
  });

  it.runIf(bed.name === 'supervisor')('tells of the end of supervisord, and of its return', async () => {
    const app = open('app');
    await reported(app, running, 15_000);
    let told = 0;
    app.follow?.(() => {
      told += 1;
    });
    await app.report();
    await bed.down();
    await eventually(() => told > 0, 5_000);
    await reported(app, ({ activity }) => activity === 'unknown', 15_000);
    const before = told;
    await bed.up();
    await eventually(() => told > before, 5_000);
    await reported(app, running, 15_000);
  });

  if (bed.gaveUp !== undefined) {
    it('a crash loop until it gives up is a failure', async () => {
      const bad = open('bad');
      if (bed.name === 'supervisor') expect((await bad.operate('start')).ok).toBe(false);
      const report = await reported(bad, ({ activity }) => activity === 'failed', 25_000);
      expect(report.intent).toBe('run');
      expect(report.detail).toContain(bed.gaveUp);
      // Its finish script gives up at the third death, and s6 counts them.
      if (bed.name === 's6') expect(report).toMatchObject({ restarts: 3, lastExit: 'exit code 3' });
    });
  }

  if (bed.reloads) {
    it('reloads by what its manager has for it', async () => {
      const app = open('app');
      await reported(app, running);
      expect(await app.operate('reload')).toMatchObject({ ok: true });
      await reported(app, running, 20_000);
    });
  }

  if (bed.logs) {
    it('shows the end of its log', async () => {
      const app = open('app');
      await eventually(async () =>
        ((await app.logs?.(50)) ?? []).some((line) => line.includes('hello from app')),
      );
    });
  }
});
