import {
  choice,
  command,
  duration,
  flag,
  group,
  integer,
  list,
  path,
  record,
  text,
} from '../../schema/fields.ts';
import { calendarTime } from '../fields/calendar-time.ts';
import { holdWhile } from '../fields/hold-while.ts';
import { names } from '../fields/names.ts';
import { durationRange, timesIn } from '../fields/rate-and-range.ts';
import type { Kinds } from '../kinds.ts';
import { kindChoice } from './kind-choice.ts';

/** Settings of a service that may also stand in defaults. */
export const inheritedServiceSettings = {
  mode: choice(['active', 'passive', 'manual'], {
    summary: 'active repairs; passive only tells; manual is watched once somebody says monitor.',
    default: 'active',
  }),
  repair_budget: group(
    {
      attempts: timesIn({ summary: 'At most so many repairs in any such time.', default: '3 in 15m' }),
      backoff: durationRange({
        summary: 'Pause before the next repair, from the first to the longest.',
        default: '2s..5m',
      }),
      hold: duration({ summary: 'How long it must stay up for a repair to have held.', default: '60s' }),
      retry_after: duration({
        summary: 'After a stand-down, try again after this; absent: wait for a human.',
        optional: true,
        min: '1s',
      }),
      retry_times: integer({
        summary: 'How many such tries before it rests for good.',
        default: 3,
        min: 1,
        max: 1000,
      }),
    },
    { summary: 'How much repairing is too much.', default: {} },
  ),
  start_timeout: duration({
    summary: 'How long it may take to come up before its checks count.',
    default: '30s',
  }),
  stop_timeout: duration({ summary: 'How long it may take to stop.', default: '30s', min: '1ms' }),
  restart_after_dependency: flag({
    summary: 'Restart it after a repair of what it depends on.',
    default: false,
  }),
  hold_while: holdWhile({
    summary: 'While one of these holds, nothing is a failure.',
    default: [],
    example: '{ exists: /run/deploy.lock }',
  }),
  evidence: group(
    {
      timeout: duration({
        summary: 'How long gathering may take; a repair waits no longer for it.',
        default: '2s',
        min: '1ms',
        max: '5m',
      }),
      commands: list(command({ summary: '', timeout: '5s' }), {
        summary: 'Further commands whose output is kept.',
        default: [],
      }),
      log: path({ summary: 'Log file, for its last lines, when the manager has none.', optional: true }),
    },
    { summary: 'What is captured before a repair, and where an incident has none.', default: {} },
  ),
  labels: record(text(), { summary: 'Free names and values for routes and notices.', default: {} }),
};

/** All settings of a service beside its checks and templates. */
export function serviceSettings(managers: Kinds['managers']) {
  return {
    ...inheritedServiceSettings,
    description: text({ summary: 'What it is, for whoever gets the notice.', optional: true }),
    runbook: text({
      summary: 'Where it says what to do; part of every notice.',
      optional: true,
      example: 'https://wiki.example/runbooks/api',
    }),
    manager: kindChoice(managers, 'manager', {
      summary: 'What runs it.',
      optional: true,
      example: '{ systemd: api.service }',
    }),
    groups: names({ summary: 'Groups it belongs to.', default: [] }),
    depends_on: names({ summary: 'Services that must be up for it to be well.', default: [] }),
    restart_schedule: calendarTime({
      summary: 'Restart it at these times.',
      optional: true,
      example: '"30 4 * * 0"',
    }),
  };
}
