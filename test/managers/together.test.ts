import { describe, expect, it } from 'vitest';
import { membersFor, together } from '../../src/managers/together.ts';
import type { ManagerReport } from '../../src/model/manager.ts';

const running = (pid: number, more: Partial<ManagerReport> = {}): ManagerReport => ({
  intent: 'run',
  activity: 'running',
  detail: 'running',
  main: { pid, start: pid },
  ...more,
});
const failed: ManagerReport = {
  intent: 'run',
  activity: 'failed',
  detail: 'it ended by itself (exit code 3)',
  lastExit: 'exit code 3',
};
const stopped: ManagerReport = { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand' };
const named = (...reports: readonly ManagerReport[]) =>
  reports.map((report, number) => ({ name: `w${number + 1}`, report }));

describe('several as one service', () => {
  it('is as bad as its worst member, says which, and knows all that live', () => {
    const whole = together(
      'processes',
      named(running(1, { restarts: 2 }), failed, running(3, { restarts: 1 })),
    );
    expect(whole).toEqual({
      intent: 'run',
      activity: 'failed',
      detail: '1 of 3 processes are not running: w2 it ended by itself (exit code 3)',
      main: { pid: 1, start: 1 },
      mains: [
        { pid: 1, start: 1, name: 'w1' },
        { pid: 3, start: 3, name: 'w3' },
      ],
      restarts: 3,
      lastExit: 'exit code 3',
    });
  });

  it('runs while one is stopped on purpose, and is stopped when all are', () => {
    expect(together('containers', named(running(1), stopped))).toMatchObject({
      intent: 'run',
      activity: 'running',
      detail: '1 of 2 containers are not running: w2 stopped by hand',
    });
    expect(together('containers', named(stopped, stopped))).toMatchObject({
      intent: 'stopped',
      activity: 'stopped',
    });
  });

  it('has processes of groups together, and a group only where there is one', () => {
    const alone = together('containers', named(running(1, { pids: [1, 2], cgroup: '/a' })));
    expect(alone).toMatchObject({ pids: [1, 2], cgroup: '/a' });
    const two = named(running(1, { pids: [1, 2], cgroup: '/a' }), running(3, { pids: [3], cgroup: '/b' }));
    expect(together('containers', two).pids).toEqual([1, 2, 3]);
    expect(together('containers', two)).not.toHaveProperty('cgroup');
    expect(together('processes', named(running(1), running(2)))).not.toHaveProperty('pids');
  });
});

describe('which members an operation is for', () => {
  const names = (
    kind: 'start' | 'stop' | 'restart' | 'reload',
    ...reports: readonly ManagerReport[]
  ): string =>
    membersFor(kind, named(...reports))
      .map(({ name }) => name)
      .join(' ');

  it.each([
    ['restart', [running(1), failed, stopped], 'w2'],
    ['restart', [running(1), running(2), stopped], 'w1 w2'],
    ['restart', [stopped, stopped], 'w1 w2'],
    ['restart', [running(1), failed, { ...failed, intent: 'unknown', activity: 'unknown' }], 'w2'],
    ['start', [running(1), failed, stopped], 'w2'],
    ['start', [running(1), stopped], 'w1 w2'],
    ['stop', [running(1), failed, stopped], 'w1 w2 w3'],
    ['reload', [running(1), failed, stopped], 'w1'],
  ] as const)('%s', (kind, reports, wanted) => {
    expect(names(kind, ...reports)).toBe(wanted);
  });
});
