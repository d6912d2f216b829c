import type { Condition, Expression } from '../../model/condition.ts';
import type { Problem } from '../../schema/problem.ts';
import type { CheckDraft } from '../resolve/draft.ts';
import { eachCheck, type Look, nameOf, placeOf } from './looking.ts';

/** A reading compared with a number: `memory < 500 MB`. */
interface Bound {
  readonly reading: string;
  readonly side: 'below' | 'above';
  readonly value: number;
  readonly text: string;
}

/** Conditions that never all hold, warnings that never come before the failure, and restarts that cause themselves. */
export const checkConditions: Look = eachCheck((draft, service) => {
  const { check } = draft;
  const name = (): string => nameOf(draft, service);
  const expected = bounds(check.expect);
  const warned = bounds(check.warn);
  return [
    ...contradictions(expected, name, draft),
    ...lateWarnings(expected, warned, name, draft),
    ...turnedRound(expected, name, draft),
    ...selfMadeFailures(expected, service.service.startTimeout, name, draft),
  ];
});

function contradictions(
  expected: readonly Bound[],
  name: () => string,
  draft: CheckDraft,
): readonly Problem[] {
  const above = expected.filter(({ side }) => side === 'above');
  const below = expected.filter(({ side }) => side === 'below');
  const pairs = above.flatMap((low) =>
    below
      .filter((high) => high.reading === low.reading && high.value < low.value)
      .map((high) => [low, high] as const),
  );
  return pairs.map(([low, high]) => ({
    level: 'error',
    code: 'contradiction',
    message: `${name()} can never be well: '${low.text}' and '${high.text}' never hold together`,
    place: placeOf(draft, 'expect'),
  }));
}

function lateWarnings(
  expected: readonly Bound[],
  warned: readonly Bound[],
  name: () => string,
  draft: CheckDraft,
): readonly Problem[] {
  return warned.flatMap((warning) => {
    // `expect: memory < 500 MB` fails from 500 MB on; `warn: memory > 600 MB` comes later than that.
    const earlier = expected.find(
      ({ reading, side, value }) =>
        reading === warning.reading &&
        side !== warning.side &&
        (side === 'below' ? warning.value >= value : warning.value <= value),
    );
    if (earlier === undefined) return [];
    const message = `${name()} has failed ('${earlier.text}') before it would warn ('${warning.text}')`;
    return [{ level: 'warning', code: 'late-warning', message, place: placeOf(draft, 'warn') }];
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
