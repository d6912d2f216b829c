import { compileCondition } from '../../conditions/compile.ts';
import type { Condition } from '../../model/condition.ts';
import type { ReadContext } from '../../schema/field.ts';
import type { ScalarNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import type { AnyCheckKind } from '../kinds.ts';

/** What was found out about conditions: a thousand checks say the same. */
export interface KnownConditions {
  /** Compiled ones without problems, by kind, role and text. */
  readonly compiled: Map<string, Condition>;
  /** Names of readings that a text speaks of, by kind and text. */
  readonly spokenOf: Map<string, readonly string[]>;
}

/** Compiles conditions against the readings of a kind; undefined after a mistake in any of them. */
export function resolveConditions(
  lines: readonly ScalarNode[],
  about: { readonly kind: AnyCheckKind; readonly role: 'expect' | 'warn'; readonly known: KnownConditions },
  context: ReadContext,
): readonly Condition[] | undefined {
  const { kind, role, known } = about;
  const { compiled } = known;
  const conditions: Condition[] = [];
  let complete = true;
  for (const line of lines) {
    if (line.opaque === true) continue;
    const text = String(line.value);
    const key = `${kind.kind} ${role} ${text}`;
    const before = compiled.get(key);
    if (before !== undefined) {
      conditions.push(before);
      continue;
    }
    const { condition, problems } = compileCondition(text, kind.readings, textPlace(line), role);
    for (const problem of problems) {
      // Columns inside of a text that does not stand so in the file would point nowhere.
      const place = line.computed === true ? line.place : (problem.place ?? line.place);
      context.report({ ...problem, place });
    }
    if (condition === undefined) complete = false;
    else conditions.push(condition);
    if (condition !== undefined && problems.length === 0) compiled.set(key, condition);
  }
  return complete ? conditions : undefined;
}

/**
 * The conditions of a kind that apply although the user did not write them: each whose readings no line of the user
 * speaks of. `expect: latency < 1 s` keeps `status < 400`, `expect: status == 503` replaces it.
 */
export function defaultConditions(
  declared: readonly string[],
  lines: readonly ScalarNode[],
  kind: AnyCheckKind,
  known: KnownConditions,
): readonly Condition[] {
  if (declared.length === 0) return [];
  const { compiled } = known;
  const spokenOf = new Set<string>();
  for (const line of lines) {
    for (const name of readingsIn(String(line.value), kind, known)) spokenOf.add(name);
  }
  return declared
    .filter((text) => !readingsIn(text, kind, known).some((name) => spokenOf.has(name)))
    .map((text) => {
      const key = `${kind.kind} default ${text}`;
      const condition = compiled.get(key) ?? compileDefault(text, kind);
      compiled.set(key, condition);
      return condition;
    });
}

function readingsIn(text: string, kind: AnyCheckKind, { spokenOf }: KnownConditions): readonly string[] {
  const key = `${kind.kind} ${text}`;
  const before = spokenOf.get(key);
  if (before !== undefined) return before;
  const unquoted = text.replace(/"[^"]*"|'[^']*'/g, ' ');
  const words = unquoted.match(/[A-Za-z_]\w*/g) ?? [];
  const found = words.filter((word) => Object.hasOwn(kind.readings, word));
  spokenOf.set(key, found);
  return found;
}

function compileDefault(text: string, kind: AnyCheckKind): Condition {
  const place: Place = { file: `kind ${kind.kind}`, line: 1, column: 1, length: Math.max(1, text.length) };
  const { condition, problems } = compileCondition(text, kind.readings, place);
  if (condition !== undefined) return condition;
  throw new Error(`the kind ${kind.kind} declares a bad condition '${text}': ${problems[0]?.message}`);
}

/** Where the text itself begins: after a quote. */
function textPlace(line: ScalarNode): Place {
  if (line.computed === true || !line.quoted) return line.place;
  return { ...line.place, column: line.place.column + 1, length: Math.max(1, line.place.length - 2) };
}
