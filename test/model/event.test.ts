import { expect, it } from 'vitest';
import { printEvent } from '../../src/cli/print/print-event.ts';
import { plainStyle } from '../../src/cli/print/style.ts';
import { type Event, weightOf } from '../../src/model/event.ts';
import { logEvent } from '../../src/telemetry/log-event.ts';

const event: Event = { at: 0, type: 'failed', service: 'api', severity: 'critical', text: 'status 500' };

/** The level that the log gives it, and how a terminal paints it. */
function shown(changes: Partial<Event>): string {
  let level = '';
  const at = (name: string) => () => {
    level = name;
  };
  const logger = { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
  const style = { ...plainStyle, bad: () => 'BAD', odd: () => 'ODD', good: () => 'GOOD' };
  const one = { ...event, ...changes };
  logEvent(logger, one);
  const painted = /BAD|ODD|GOOD/.exec(printEvent(one, style))?.[0] ?? 'PLAIN';
  expect(painted.toLowerCase()).toBe(weightOf(one));
  return `${level} ${painted}`;
}

it('weighs the same in the log and on a terminal', () => {
  expect(shown({})).toBe('error BAD');
  expect(shown({ severity: 'warning' })).toBe('warn ODD');
  expect(shown({ type: 'severity-raised' })).toBe('error BAD');
  expect(shown({ type: 'distrust' })).toBe('error BAD');
  expect(shown({ type: 'state-damaged' })).toBe('warn ODD');
  expect(shown({ type: 'recovered' })).toBe('info GOOD');
  expect(shown({ type: 'acknowledged' })).toBe('info PLAIN');
});
