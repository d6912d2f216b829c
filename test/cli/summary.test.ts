import { describe, expect, it } from 'vitest';
import { worstStateCode } from '../../src/cli/ask/worst-state.ts';
import { agentNotes, printSummary } from '../../src/cli/print/print-summary.ts';
import { plainStyle, terminalStyle } from '../../src/cli/print/style.ts';
import type { AgentInfo, SummaryRow } from '../../src/control/api.ts';

const now = Date.UTC(2026, 0, 2, 12);

function row(service: string, changes: Partial<SummaryRow> = {}): SummaryRow {
  return {
    service,
    state: 'up',
    since: now - 90_000,
    problem: '',
    incidents: [],
    checksUp: 2,
    checksTotal: 2,
    silenced: false,
    ...changes,
  };
}

const agent: AgentInfo = {
  version: '1.0.0',
  pid: 1,
  host: 'h',
  startedAt: now,
  config: '/etc/watcher/watcher.yaml',
  stateDir: '/var/lib/watcher',
  socket: '/run/watcher/watcher.sock',
  undelivered: 0,
  missedRuns: 0,
};

describe('printSummary', () => {
  it('says service, state, since when and what is wrong', () => {
    const rows = [
      row('api', {
        state: 'down',
        problem: 'responds: latency 812 ms, expected < 500 ms',
        activity: 'restart running',
      }),
      row('postgres', { silenced: true }),
    ];
    expect(printSummary(rows, now, { style: plainStyle }).split('\n')).toEqual([
      'SERVICE   STATE             SINCE  PROBLEM',
      'api       down           1 m 30 s  responds: latency 812 ms, expected < 500 ms; restart running',
      'postgres  up (silenced)  1 m 30 s',
      '',
    ]);
  });

  it('paints states on a terminal', () => {
    const printed = printSummary([row('api', { state: 'down' })], now, { style: terminalStyle });
    expect(printed).toContain('\u001b[31mdown');
  });

  it('does not show a time in the future when clocks differ', () => {
    expect(printSummary([row('api', { since: now + 5000 })], now, { style: plainStyle })).toContain('0 ms');
  });
});

describe('agentNotes', () => {
  it('is silent while all is well', () => {
    expect(agentNotes(agent)).toEqual([]);
  });

  it('tells of distrust, a refused reload and waiting notices', () => {
    const notes = agentNotes({
      ...agent,
      distrust: 'the machine slept for 2 h',
      reloadRefused: { at: now, summary: '2 errors in rules/api.yaml' },
      undelivered: 3,
    });
    expect(notes).toHaveLength(3);
    expect(notes.join('\n')).toMatch(/slept for 2 h[\s\S]*2 errors in rules\/api.yaml[\s\S]*3 notices wait/);
  });
});

describe('worstStateCode', () => {
  it.each([
    [[], 0],
    [['up', 'stopped', 'unmonitored', 'pending'], 0],
    [['up', 'warning'], 1],
    [['warning', 'unknown'], 3],
    [['unknown', 'failing'], 2],
    [['down', 'unknown', 'warning'], 2],
  ] as const)('%j gives %d', (states, code) => {
    expect(worstStateCode(states)).toBe(code);
  });
});
