import { expect, it } from 'vitest';
import { newCheckState } from '../../../src/engine/checks/check-state.ts';
import { isSettled } from '../../../src/engine/checks/settled.ts';
import type { CheckState, ServiceState } from '../../../src/model/state.ts';
import { alive } from '../rules.ts';

const ok = { at: 0, verdict: 'ok', text: '' } as const;
const bad = { at: 0, verdict: 'failing', text: '' } as const;
const passing: Partial<CheckState> = {
  state: 'up',
  outcome: 'read',
  judgement: { verdict: 'ok', summary: '', findings: [] },
  samples: Array.from({ length: 10 }, () => ok),
};

function settled(check: Partial<CheckState>, service: object = {}, rules = {}): boolean {
  const checks = { alive: { ...newCheckState('alive', 0), ...passing, ...check } };
  const of = { name: 'api', monitored: true, state: 'up', checks, queue: [], repair: {}, ...service };
  return isSettled(of as unknown as ServiceState, alive(rules));
}

it('is a check that has passed for as long as anything counts', () => {
  expect(settled({})).toBe(true);
});

it.each<[string, boolean]>([
  ['one that failed a moment ago', settled({ samples: [bad, ...Array.from({ length: 9 }, () => ok)] })],
  ['one of which too little is known', settled({ samples: [ok] })],
  ['one that has an incident', settled({ incident: 'api-1' })],
  ['one that is looked at more often', settled({ pace: 1000 })],
  ['one whose service comes up', settled({}, { startup: { kind: 'start' } })],
  ['one whose repair is on trial', settled({}, { repair: { verifying: {} } })],
  ['one whose service is operated', settled({}, { operation: { id: 'o' } })],
  ['one that was not steady all the time', settled({}, {}, { flapping: { low: 25, high: 30 } })],
])('is not %s', (_name, found) => {
  expect(found).toBe(false);
});
