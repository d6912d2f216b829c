import { expect, it } from 'vitest';
import { unitStatus } from '../../../src/agent/unit/unit-status.ts';
import type { AgentInfo, SummaryRow } from '../../../src/control/api.ts';
import type { ServiceStateName } from '../../../src/model/state.ts';

function status(states: readonly ServiceStateName[], agent: Partial<AgentInfo> = {}): string {
  return unitStatus({
    version: 1,
    agent: agent as AgentInfo,
    services: states.map((state) => ({ state }) as SummaryRow),
  });
}

it.each([
  [[], '0 services up'],
  [['up'], '1 service up'],
  [['up', 'down', 'up', 'stopped', 'failing'], '2 services up, 1 down, 1 failing, 1 stopped'],
] as const)('%s: %s', (states, text) => {
  expect(status(states)).toBe(text);
});

it('tells what is the matter with the agent itself', () => {
  expect(status(['unknown'], { distrust: 'the clock was set back by 1 h' })).toBe(
    '0 services up, 1 unknown; does not trust its results: the clock was set back by 1 h',
  );
  expect(status(['up'], { reloadRefused: { at: 0, summary: '2 errors' }, stateTrouble: 'disk full' })).toBe(
    '1 service up; last reload refused, the old rules run: 2 errors; state not saved: disk full',
  );
});
