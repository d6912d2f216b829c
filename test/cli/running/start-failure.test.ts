import { describe, expect, it } from 'vitest';
import type { StartFailure } from '../../../src/agent/options.ts';
import { tellStartFailure } from '../../../src/cli/running/start-failure.ts';
import type { ControlFailureCode } from '../../../src/control/answered.ts';
import type { StoreFailure } from '../../../src/state/store.ts';

const told: string[] = [];
const io = { err: (text: string) => void told.push(text) } as unknown as Parameters<
  typeof tellStartFailure
>[2];
const code = (failure: Exclude<StartFailure, { family: 'stopped' }>) =>
  tellStartFailure(failure, 'the rules', io);

describe('an agent that does not start', () => {
  it.each([
    ['locked', 75],
    ['forbidden', 77],
    ['unusable', 73],
  ] as const)('because its state is %s ends with %i', (of: StoreFailure['code'], exit) => {
    expect(code({ family: 'state', failure: { code: of, message: 'no', hint: 'mend it' } })).toBe(exit);
    expect(told.at(-1)).toContain('mend it');
  });

  it.each([
    ['socket-in-use', 75],
    ['forbidden', 77],
    ['socket-unusable', 73],
  ] as const)('because its socket is %s ends with %i', (of: ControlFailureCode, exit) => {
    expect(code({ family: 'socket', failure: { code: of, message: 'no' } })).toBe(exit);
  });

  it('because its rules have errors ends with 78', () => {
    expect(code({ family: 'configuration', report: 'line 3', summary: '1 error' })).toBe(78);
  });
});
