import type { Condition } from '../model/condition.ts';
import type { ReadingFields } from '../model/reading.ts';
import type { Place } from '../schema/place.ts';
import type { Problem } from '../schema/problem.ts';
import { checkExpression, checkTruth } from './check/check.ts';
import type { Role } from './check/check-clear.ts';
import { checkClear, checkClearSense } from './check/check-clear.ts';
import { checkSense } from './check/check-sense.ts';
import type { Checking } from './check/checking.ts';
import { parseCondition } from './parse/parse.ts';
import type { Mistake } from './syntax.ts';

export interface CompiledCondition {
  /** Absent when there is an error among the problems. */
  readonly condition?: Condition;
  readonly problems: readonly Problem[];
}

/**
 * Reads a condition and checks it against the readings that a kind declares. `place` is where the first character of
 * the text stands in its file (after an opening quote); problems point at the exact columns inside it. `role` says
 * whether the condition stands under `expect` or `warn`, which matters for the direction of `clear at`.
 */
export function compileCondition(
  text: string,
  fields: ReadingFields,
  place: Place,
  role?: Role,
): CompiledCondition {
  const { condition, mistakes } = compileOnce(text, fields, role);
  const problems = mistakes.map((mistake) => problemOf(mistake, place));
  return condition === undefined ? { problems } : { condition, problems };
}

interface Compiled {
  readonly condition: Condition | undefined;
  readonly mistakes: readonly Mistake[];
}

const known = new WeakMap<ReadingFields, Map<string, Compiled>>();

/** A thousand services say much the same of the same kinds; each sentence is compiled once for each kind. */
function compileOnce(text: string, fields: ReadingFields, role: Role | undefined): Compiled {
  const key = `${role ?? ''} ${text}`;
  const ofKind = known.get(fields) ?? new Map<string, Compiled>();
  const before = ofKind.get(key);
  if (before !== undefined) return before;
  const mistakes: Mistake[] = [];
  const condition = compile(text, fields, (mistake) => mistakes.push(mistake), role);
  const failed = mistakes.some(({ level }) => level !== 'warning');
  const compiled = { condition: failed ? undefined : condition, mistakes };
  // An agent that reloads for months must not gather every condition that ever was.
  if (ofKind.size >= 2000) ofKind.clear();
  ofKind.set(key, compiled);
  known.set(fields, ofKind);
  return compiled;
}

function compile(
  text: string,
  fields: ReadingFields,
  report: (mistake: Mistake) => void,
  role: Role | undefined,
): Condition | undefined {
  const parsed = parseCondition(text, report);
  if (parsed === undefined) return undefined;
  const checking: Checking = {
    text,
    fields,
    spans: new Map(),
    inWindow: false,
    report,
    check: checkExpression,
  };
  const expression = checkTruth(parsed.expression, checking);
  if (expression === undefined || !checkSense(expression, checking)) return undefined;
  const written = text.trim();
  if (parsed.clear === undefined) return { text: written, expression };
  const clear = checkClear(parsed.clear, parsed.expression, checking, checkTruth);
  if (clear === undefined || !checkSense(clear, checking)) return undefined;
  if (!checkClearSense(expression, clear, parsed.clear, role, checking)) return undefined;
  return { text: written, expression, clear };
}

function problemOf({ start, end, level, code, message, hint }: Mistake, place: Place): Problem {
  return {
    level: level ?? 'error',
    code,
    message,
    place: {
      file: place.file,
      line: place.line,
      column: place.column + start,
      length: Math.max(1, end - start),
    },
    ...(hint !== undefined && { hint }),
  };
}
