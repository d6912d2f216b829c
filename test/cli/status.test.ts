import { describe, expect, it } from 'vitest';
import { printStatus } from '../../src/cli/print/print-status.ts';
import { plainStyle } from '../../src/cli/print/style.ts';
import type { ServiceStatus } from '../../src/control/api.ts';

const now = Date.UTC(2026, 0, 2, 12);

const api: ServiceStatus = {
  service: 'api',
  state: 'down',
  since: now - 90_000,
  problem: 'responds: status 500, expected == 200',
  incidents: ['api-7K3F'],
  activity: 'restart running',
  checksUp: 1,
  checksTotal: 2,
  silenced: true,
  description: 'Public HTTP API',
  groups: ['web', 'front'],
  manager: {
    kind: 'commands',
    report: { intent: 'run', activity: 'running', detail: 'running, pid 42', warnings: ['pid file is old'] },
  },
  monitored: true,
  repairsInWindow: 1,
  repairsAllowed: 3,
  checks: [
    {
      name: 'alive',
      kind: 'process',
      state: 'up',
      since: now - 7_200_000,
      lastRun: now - 4000,
      tookMs: 1.2,
      every: '10 s',
      summary: 'pid 42',
      findings: [],
      reading: { pid: 42 },
      measurements: [{ name: 'memory', text: '41.2 MB' }],
      history: [],
      missed: 0,
    },
    {
      name: 'responds',
      kind: 'http',
      state: 'down',
      since: now - 90_000,
      every: '10 s',
      summary: 'status 500, expected == 200',
      findings: [
        {
          condition: 'status == 200',
          level: 'failing',
          measured: '500',
          expected: '== 200',
          sentence: 'status 500, expected == 200',
        },
      ],
      reading: { status: 500 },
      measurements: [{ name: 'status', text: '500' }],
      history: ['200', '*500'],
      missed: 2,
    },
  ],
};

describe('printStatus', () => {
  it('shows everything that is known, aligned', () => {
    expect(printStatus(api, now, { style: plainStyle }).split('\n')).toEqual([
      'api  down (silenced) for 1 m 30 s',
      '  problem    responds: status 500, expected == 200',
      '  activity   restart running',
      '  about      Public HTTP API',
      '  groups     web, front',
      '  manager    commands: running, pid 42',
      '  note       pid file is old',
      '  repairs    1 of 3 spent',
      '  incidents  api-7K3F',
      '  alive  up for 2 h  process',
      '    memory  41.2 MB',
      '    looked  4 s ago, took 1.2 ms, every 10 s',
      '  responds  down for 1 m 30 s  http',
      '    status   500',
      '    failing  status 500, expected == 200',
      '    history  200, *500',
      '    looked   not yet, every 10 s',
      '',
    ]);
  });
});
