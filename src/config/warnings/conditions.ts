import { together } from '../../conditions/together.ts';
import type { Condition, Expression } from '../../model/condition.ts';
import type { ReadingFields } from '../../model/reading.ts';
import type { Check } from '../../model/service.ts';
import type { Problem } from '../../schema/problem.ts';
import type { CheckDraft } from '../resolve/draft.ts';
import { kindNamed } from '../settings/kind-choice.ts';
import { eachCheck, type Look, nameOf, placeOf } from './looking.ts';

/** A reading compared with a number: `memory < 500 MB`. */
interface Bound {
  readonly reading: string;
  readonly side: 'below' | 'above';
  readonly value: number;
  readonly text: string;
}

/** Conditions that never all hold, warnings that never come before the failure, and restarts that cause themselves. */
export const checkConditions: Look = eachCheck((draft, service, { kinds }) => {
  const { check } = draft;
  const fields = kindNamed(kinds.checks, check.kind)?.readings ?? {};
  const name = (): string => nameOf(draft, service);
  const expected = bounds(check.expect);
  return [
    ...contradictions(check, fields, name, draft),
    ...uselessWarnings(check, fields, name, draft),
    ...turnedRound(expected, name, draft),
    ...selfMadeFailures(expected, service.service.startTimeout, name, draft),
  ];
});

function contradictions(
  { expect }: Check,
  fields: ReadingFields,
  name: () => string,
  draft: CheckDraft,
): readonly Problem[] {
  const pairs = expect.flatMap((one, index) => expect.slice(index + 1).map((other) => [one, other] as const));
  const apart = pairs.filter((pair) => together(pair, fields).never);
  const told =
    apart.length === 0 && together(expect, fields).never
      ? ['what it expects never holds together']
      : apart.map(([one, other]) => `'${one.text}' and '${other.text}' never hold together`);
  return told.map((what) => ({
    level: 'error',
    code: 'contradiction',
    message: `${name()} can never be well: ${what}`,
    place: placeOf(draft, 'expect'),
  }));
}

/** `expect: memory < 500 MB` fails from 500 MB on; `warn: memory > 600 MB` comes later than that. */
function uselessWarnings(
  { expect, warn }: Check,
  fields: ReadingFields,
  name: () => string,
  draft: CheckDraft,
): readonly Problem[] {
  return warn.flatMap((warning): readonly Problem[] => {
    const place = placeOf(draft, 'warn');
    const earlier = expect.find((one) => together([one, warning], fields).never);
    if (earlier !== undefined) {
      const message = `${name()} has failed ('${earlier.text}') before it would warn ('${warning.text}')`;
      return [{ level: 'warning', code: 'late-warning', message, place }];
    }
    const same = expect.find((one) => together([one, warning], fields).implied);
    if (same === undefined) return [];
    const message = `${name()} warns whenever it is well: where '${same.text}' holds, '${warning.text}' does too`;
    const hint = 'warn says what is worth a warning, expect what must hold';
    return [{ level: 'warning', code: 'always-warns', message, place, hint }];
  });
}

/** What costs: nobody expects that there is much of it. */
const costs = /^(cpu|memory|load\d*|swap|used|latency|pss|iowait)(_tree|_percent)?$|^inodes_(used|percent)$/;

/** `if cpu > 80% then alert` of other tools says what is wrong, `expect` what is well. */
function turnedRound(expected: readonly Bound[], name: () => string, draft: CheckDraft): readonly Problem[] {
  const below = new Set(expected.flatMap(({ side, reading }) => (side === 'below' ? [reading] : [])));
  const turned = expected.filter(
    ({ side, reading }) => side === 'above' && costs.test(reading) && !below.has(reading),
  );
  return turned.map(({ text }) => ({
    level: 'warning',
    code: 'turned-round',
    message: `${name()} fails unless '${text}': expect says what must hold`,
    place: placeOf(draft, 'expect'),
    hint: `to be told when it holds, write '${text.replace(/>=?/, '<')}', or warn: ${text}`,
  }));
}

function selfMadeFailures(
  expected: readonly Bound[],
  startTimeout: number,
  name: () => string,
  draft: CheckDraft,
): readonly Problem[] {
  const restarts = draft.check.repair.some(({ kind }) => kind === 'restart' || kind === 'start');
  const uptime = expected.find(({ reading, side }) => reading === 'uptime' && side === 'above');
  if (!restarts || uptime === undefined || uptime.value <= startTimeout) return [];
  const message = `${name()} fails after every restart ('${uptime.text}'), and then is restarted again`;
  const hint = 'raise start_timeout above it, or only tell: leave the repair out';
  return [{ level: 'warning', code: 'restart-loop', message, place: placeOf(draft, 'repair'), hint }];
}

function bounds(conditions: readonly Condition[]): readonly Bound[] {
  return conditions.flatMap(({ text, expression }) => {
    const bound = boundOf(expression, text);
    return bound === undefined ? [] : [bound];
  });
}

function boundOf(expression: Expression, text: string): Bound | undefined {
  if (expression.node !== 'compare') return undefined;
  const { operator, left, right } = expression;
  if (left.node !== 'reading' || right.node !== 'number' || left.path !== undefined) return undefined;
  if (operator === '<' || operator === '<=')
    return { reading: left.name, side: 'below', value: right.value, text };
  if (operator === '>' || operator === '>=')
    return { reading: left.name, side: 'above', value: right.value, text };
  return undefined;
}
