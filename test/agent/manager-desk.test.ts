import { describe, expect, it } from 'vitest';
import { createManagerDesk } from '../../src/agent/manager-desk.ts';
import type { Manager, ManagerKind } from '../../src/managers/manager-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { Service } from '../../src/model/service.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const running: ManagerReport = { intent: 'run', activity: 'running', detail: 'running' };

function bench(report: () => Promise<ManagerReport> = async () => running) {
  const host = createFakeHost();
  const log: string[] = [];
  const bugs: string[] = [];
  const changes: string[] = [];
  const tellers = new Map<string, () => void>();
  const kind = {
    kind: 'fake',
    open: (options: { unit: string }): Manager => {
      log.push(`open ${options.unit}`);
      return {
        report: () => {
          log.push(`ask ${options.unit}`);
          return report();
        },
        operate: async () => ({ ok: true, detail: '', tookMs: 0 }),
        follow(changed) {
          tellers.set(options.unit, changed);
          return () => log.push(`unfollow ${options.unit}`);
        },
        close: () => log.push(`close ${options.unit}`),
      };
    },
  } as unknown as ManagerKind;
  const desk = createManagerDesk({
    host,
    kinds: { fake: kind },
    onChange: (service) => changes.push(service),
    onBug: (error, about) => bugs.push(`${about}: ${(error as Error).message}`),
  });
  return { host, desk, log, bugs, changes, tellers };
}

const service = (name: string, unit = name): Service =>
  ({
    name,
    manager: { kind: 'fake', options: { unit } },
    startTimeout: 1,
    stopTimeout: 1,
  }) as unknown as Service;

describe('the desk', () => {
  it('forgets of what was overtaken only that, not what was said since', async () => {
    const answers = ['first', 'second', 'third'].map((detail): ManagerReport => ({ ...running, detail }));
    const { desk, log } = bench(async () => answers.shift() ?? running);
    desk.configure([service('api')]);
    const first = await desk.report('api');
    desk.forget('api', first);
    const second = await desk.report('api');
    desk.forget('api', first);
    expect(await desk.report('api')).toBe(second);
    expect(second).toMatchObject({ detail: 'second' });
    desk.forget('api');
    expect(await desk.report('api')).toMatchObject({ detail: 'third' });
    expect(log).toEqual(['open api', 'ask api', 'ask api', 'ask api']);
  });

  it('asks once for all who ask at the same turn, and again at the next', async () => {
    const { host, desk, log } = bench();
    desk.configure([service('api')]);
    const reports = await Promise.all([desk.report('api'), desk.report('api'), desk.report('api')]);
    await host.clock.advance(100);
    await desk.report('api');
    expect(reports).toEqual([running, running, running]);
    expect(log).toEqual(['open api', 'ask api']);
    await host.clock.advance(200);
    await desk.report('api');
    expect(log).toEqual(['open api', 'ask api', 'ask api']);
  });

  it('asks anew after something happened, and does not take the answer to an older question', async () => {
    const answers: ((report: ManagerReport) => void)[] = [];
    const { desk } = bench(() => new Promise((resolve) => answers.push(resolve)));
    desk.configure([service('api')]);
    const before = desk.report('api');
    desk.forget('api');
    const after = desk.report('api');
    answers[1]?.({ ...running, detail: 'new' });
    answers[0]?.({ ...running, detail: 'old' });
    expect((await before)?.detail).toBe('old');
    expect((await after)?.detail).toBe('new');
    expect((await desk.report('api'))?.detail).toBe('new');
  });

  it('takes a manager that does not answer for unknown, and does not pile up questions', async () => {
    const { host, desk, log } = bench(() => new Promise(() => {}));
    desk.configure([service('api')]);
    const first = desk.report('api');
    const second = desk.report('api');
    await host.clock.advance(5000);
    expect(await first).toMatchObject({
      activity: 'unknown',
      detail: 'the manager did not answer within 5 s',
    });
    expect(await second).toMatchObject({ activity: 'unknown' });
    void desk.report('api');
    expect(log.filter((line) => line === 'ask api').length).toBe(1);
  });

  it('takes a manager that throws for a bug', async () => {
    const { desk, bugs } = bench(async () => {
      throw new Error('oops');
    });
    desk.configure([service('api')]);
    expect(await desk.report('api')).toMatchObject({ activity: 'unknown' });
    expect(bugs).toEqual(['asking the manager of api: oops']);
  });

  it('passes on what a manager tells, and asks anew then', async () => {
    const { desk, log, changes, tellers } = bench();
    desk.configure([service('api')]);
    await desk.report('api');
    tellers.get('api')?.();
    expect(changes).toEqual(['api']);
    await desk.report('api');
    expect(log.filter((line) => line === 'ask api').length).toBe(2);
  });

  it('keeps over a reload what did not change, and closes the rest', () => {
    const { desk, log } = bench();
    desk.configure([service('api'), service('db'), service('old')]);
    desk.configure([service('api'), service('db', 'db2')]);
    expect(log).toEqual([
      'open api',
      'open db',
      'open old',
      'unfollow db',
      'close db',
      'unfollow old',
      'close old',
      'open db2',
    ]);
    desk.close();
    expect(log.slice(-4)).toEqual(['unfollow api', 'close api', 'unfollow db2', 'close db2']);
    expect(desk.report('api')).toBeUndefined();
  });
});
