import { compileCondition } from '../../conditions/compile.ts';
import { readingsOf } from '../../conditions/usage.ts';
import type { Condition } from '../../model/condition.ts';
import type { ReadContext } from '../../schema/field.ts';
import type { ScalarNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import type { AnyCheckKind } from '../kinds.ts';

/** What was found out about conditions: a thousand checks say the same. */
export interface KnownConditions {
  /** Compiled ones without problems, by kind, role and text. */
  readonly compiled: Map<string, Condition>;
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
      context.report({ ...problem, place: placeWithin(line, problem.place) });
    }
    if (condition === undefined) complete = false;
    else conditions.push(condition);
    if (condition !== undefined && problems.length === 0) compiled.set(key, condition);
  }
  return complete ? conditions : undefined;
}

/** Where in the file a part of a condition stands, given where it would stand if all of it were on one line. */
function placeWithin(line: ScalarNode, part: Place | undefined): Place {
  if (part === undefined) return line.place;
  if (line.computed !== true) return part;
  const start = part.column - textPlace(line).column;
  const text = String(line.value);
  let from = 0;
  for (const written of line.lines ?? []) {
    const at = text.indexOf(written.text, from);
    if (at < 0) continue;
    from = at + written.text.length;
    if (start < at || start >= from) continue;
    const length = Math.min(part.length, from - start);
    return { ...written.place, column: written.place.column + start - at, length };
  }
  // Columns inside of a text that does not stand so in the file would point nowhere.
  return line.place;
}

/**
 * The conditions of a kind that apply although the user did not write them: each whose readings no condition of the user
 * looks at. `expect: latency < 1 s` keeps `status < 400`, `expect: status == 503` replaces it; `json.status == "ok"` looks
 * at another status.
 */
export function defaultConditions(
  declared: readonly string[],
  written: readonly Condition[],
  kind: AnyCheckKind,
  { compiled }: KnownConditions,
): readonly Condition[] {
  if (declared.length === 0) return [];
  const lookedAt = new Set(written.flatMap((condition) => [...readingsOf(condition)]));
  return declared
    .map((text) => {
      const key = `${kind.kind} default ${text}`;
      const condition = compiled.get(key) ?? compileDefault(text, kind);
      compiled.set(key, condition);
      return condition;
    })
    .filter((condition) => ![...readingsOf(condition)].some((name) => lookedAt.has(name)));
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
