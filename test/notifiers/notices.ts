import type { Notice, NoticeItem } from '../../src/model/notice.ts';

const at = Date.UTC(2026, 6, 1, 12, 0, 0);

export const failingItem: NoticeItem = {
  incident: 'api-7K3F',
  service: 'api',
  check: 'responds',
  status: 'firing',
  severity: 'critical',
  startedAt: at - 200_000,
  measured: 'latency 812 ms',
  expected: 'latency < 500 ms',
  tolerance: '3 of 3 cycles',
  summary: 'latency 812 ms, expected < 500 ms',
  repairs: [
    {
      id: 'r1',
      kind: 'restart',
      at: at - 150_000,
      endedAt: at - 148_000,
      outcome: 'not-held',
      detail: 'started, pid 4242',
    },
  ],
  next: 'restart in 4 s (attempt 2 of 3)',
  description: 'Public HTTP API',
  runbook: 'https://wiki.example/runbooks/api',
  groups: ['web'],
  labels: { team: 'core', 'data-center': 'fra' },
  history: ['41 ms', '*812 ms', '*790 ms'],
  evidence: 'api-7K3F',
};

export const failed: Notice = {
  id: 'api-7K3F.1.team',
  notifier: 'team',
  kind: 'failed',
  status: 'firing',
  severity: 'critical',
  at,
  host: 'web-1',
  title: 'DOWN api/responds: latency 812 ms, expected < 500 ms',
  items: [failingItem],
};

const { next: _next, ...overItem } = failingItem;

export const recovered: Notice = {
  ...failed,
  id: 'api-7K3F.2.team',
  kind: 'recovered',
  status: 'resolved',
  at: at + 60_000,
  title: 'UP api/responds after 4 m 20 s',
  items: [{ ...overItem, status: 'resolved', endedAt: at + 60_000 }],
};

/** A notice that is about no incident. */
export const refusedReload: Notice = {
  id: 'agent.9.team',
  notifier: 'team',
  kind: 'agent',
  status: 'info',
  severity: 'warning',
  at,
  host: 'web-1',
  title: 'watcher on web-1: the new rules were refused',
  items: [],
  text: 'rules/api.yaml:3:5: there is no option `timeuot`; the old rules stay in force.',
};

/** Everything at once: several incidents, and text that somebody would like to break out with. */
export const digest: Notice = {
  ...failed,
  id: 'digest.3.team',
  kind: 'digest',
  title: 'DOWN 2 checks on web-1 <b>&\n@everyone',
  text: 'These were held back for a while.',
  items: [
    failingItem,
    {
      ...failingItem,
      incident: 'db-9QQ2',
      service: 'db',
      check: 'alive',
      severity: 'warning',
      summary: 'no process </pre> ``` <!here> & "quoted"',
      repairs: [],
      history: [],
      labels: {},
    },
  ],
};
