import { expect, it } from 'vitest';
import type { Container } from '../../../src/managers/containers/container-api.ts';
import type { ContainerEnd } from '../../../src/managers/containers/container-end.ts';
import { containerReport } from '../../../src/managers/containers/container-report.ts';

function report(end: ContainerEnd, exitCode: number, policy = 'no', outOfMemory = false) {
  const container: Container = {
    Id: 'abc',
    Name: '/web',
    State: {
      Status: 'exited',
      Pid: 0,
      ExitCode: exitCode,
      OOMKilled: outOfMemory,
      Error: '',
      StartedAt: '2026-01-01T00:00:00Z',
      FinishedAt: '2026-01-01T01:00:00Z',
    },
    HostConfig: { RestartPolicy: { Name: policy, MaximumRetryCount: 0 } },
  };
  const wall = Date.parse('2026-01-02T00:00:00Z');
  const said = containerReport(container, { end, wall, ownStop: false });
  return `${said.intent} ${said.activity}${said.maybeStopped === true ? ', maybe stopped' : ''}`;
}

it.each([
  ['by-hand', 1, 'no', 'stopped stopped'],
  ['by-itself', 0, 'always', 'run failed'],
  ['by-itself-late', 137, 'no', 'run failed'],
  ['with-the-engine', 0, 'no', 'run failed'],
  ['after-the-engine', 0, 'no', 'run failed'],
  ['after-the-engine', 137, 'unless-stopped', 'run failed'],
  ['with-the-engine', 137, 'unless-stopped', 'stopped stopped'],
  ['unclear', 137, 'no', 'run failed'],
  ['forgotten', 137, 'no', 'unknown unknown, maybe stopped'],
  ['forgotten', 137, 'always', 'stopped stopped'],
  ['forgotten', 143, 'no', 'stopped stopped'],
  ['forgotten', 1, 'no', 'run failed'],
] as const)('ended %s with %d under %s', (end, code, policy, wanted) => {
  expect(report(end, code, policy)).toBe(wanted);
});

it('a container that the kernel killed for memory was stopped by nobody', () => {
  expect(report('forgotten', 137, 'no', true)).toBe('run failed');
});
