import type { RepairKind } from '../../repairs/repair-kind.ts';
import { choice, duration, either, flag, group, list, percent, record, text } from '../../schema/fields.ts';
import { cadence } from '../fields/calendar-time.ts';
import { conditionLines } from '../fields/condition-lines.ts';
import { names } from '../fields/names.ts';
import { repairLadder } from '../fields/repair-ladder.ts';
import { tolerance } from '../fields/tolerance.ts';

/**
 * Settings that a check takes from its surroundings when it does not say: from its service, then the defaults of its
 * kind, of the service's groups, of everything.
 */
export const inheritedCheckSettings = {
  every: cadence({
    summary: 'How often to look: a duration, or a cron pattern.',
    default: '30s',
    example: '10s',
  }),
  retry_every: duration({
    summary: 'How often to look while it fails but does not count as down yet.',
    optional: true,
    min: '100ms',
  }),
  fail_after: tolerance({
    summary: 'How often or how long it must fail before it counts: 3 (in a row), 3 of 5, 30s.',
    optional: true,
    example: '3 of 5',
  }),
  recover_after: tolerance({
    summary: 'How often or how long it must be well before it counts as recovered.',
    default: '2',
  }),
  severity: choice(['warning', 'critical'], {
    summary: 'How bad it is when there is no repair to try first, or no repair helped.',
    default: 'critical',
  }),
  notify: names({ summary: 'Notifiers that are told.', optional: true, example: '[team, oncall]' }),
  remind_every: duration({
    summary: 'Tell again while it lasts and nobody acknowledged it.',
    optional: true,
    min: '1m',
  }),
  escalate: list(
    group({
      after: duration({ summary: 'How long it must have lasted.', min: '1s' }),
      notify: names({ summary: 'Who is told then.' }),
      severity: choice(['warning', 'critical'], { summary: 'What it becomes then.', optional: true }),
    }),
    { summary: 'Who is told when it lasts.', default: [], single: true },
  ),
  flapping: either(
    [
      flag(),
      group({
        low: percent({ summary: 'It has ended below this share of state changes.', default: '25%' }),
        high: percent({ summary: 'It begins above this share of state changes.', default: '30%' }),
      }),
    ],
    { summary: 'When going up and down is told as one thing; false: never.', default: true },
  ),
  unknown_after: duration({
    summary: 'How long it may stay unknown before somebody is told.',
    default: '15m',
    min: '1s',
  }),
};

/** All settings of a check beside its kind. */
export function checkSettings(repairs: Readonly<Record<string, RepairKind>>) {
  return {
    ...inheritedCheckSettings,
    timeout: duration({
      summary: 'How long one look may take.',
      optional: true,
      min: '1ms',
      max: '1h',
      example: '2s',
    }),
    expect: conditionLines({
      summary: 'What must hold; all of them.',
      default: [],
      example: 'latency < 500 ms',
    }),
    warn: conditionLines({ summary: 'What is worth a warning.', default: [], example: 'memory > 400 MB' }),
    repair: repairLadder(repairs, {
      summary: 'What is tried when it is down; the next when the last did not hold.',
      default: [],
      example: '[reload, restart]',
    }),
    labels: record(text(), { summary: 'Free names and values for routes and notices.', default: {} }),
    vital: flag({
      summary: "Whether it watches the service's main process, so that other checks wait while it is down.",
      optional: true,
    }),
  };
}
