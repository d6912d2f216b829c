import type { ReadContext } from '../../schema/field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import type { MapEntry, Node, ScalarNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import { interpolate, type Scope } from './interpolate.ts';
import { splitReferences } from './references.ts';

/** The scope with the variables of a `vars:` block in it; they may refer to one another, but not in a circle. */
export function resolveVars(node: Node | undefined, scope: Scope, context: ReadContext): Scope {
  if (node === undefined) return scope;
  if (node.kind !== 'map') {
    mismatch({ ...context, name: 'vars' }, node, {
      code: 'wrong-type',
      expected: 'a map of names to values',
    });
    return scope;
  }
  const waiting = new Map(node.entries.map((entry) => [entry.key, entry]));
  const names = new Map(scope.names);
  const open = new Set<string>();
  const settle = (entry: MapEntry): void => {
    if (!waiting.has(entry.key)) return;
    if (open.has(entry.key)) {
      waiting.delete(entry.key);
      names.set(entry.key, unknownValue(entry.value.place));
      const message = `the variable '${entry.key}' stands for itself`;
      context.report({ level: 'error', code: 'endless-reference', message, place: entry.value.place });
      return;
    }
    open.add(entry.key);
    for (const name of namesIn(entry.value)) {
      const other = waiting.get(name);
      if (other !== undefined) settle(other);
    }
    open.delete(entry.key);
    if (!waiting.delete(entry.key)) return;
    names.set(entry.key, interpolate(entry.value, { ...scope, names }, context));
  };
  for (const entry of node.entries) {
    if (/^[A-Za-z_][\w-]*$/.test(entry.key)) settle(entry);
    else {
      const message = `a variable cannot be called '${entry.key}'`;
      const hint = 'use letters, digits, _ and -';
      context.report({ level: 'error', code: 'bad-name', message, place: entry.keyPlace, hint });
    }
  }
  return { ...scope, names };
}

/** Stands for what could not be found out, so that its uses are not mistakes as well. */
function unknownValue(place: Place): ScalarNode {
  return { kind: 'scalar', value: '', source: '', quoted: true, place, opaque: true };
}

/** Names of variables that a value refers to. */
function namesIn(node: Node): readonly string[] {
  if (node.kind === 'list') return node.items.flatMap(namesIn);
  if (node.kind === 'map') return node.entries.flatMap((entry) => namesIn(entry.value));
  if (typeof node.value !== 'string' || !node.value.includes('${')) return [];
  return splitReferences(node.value).flatMap((piece) =>
    'reference' in piece && piece.reference.type === 'name' ? [piece.reference.name] : [],
  );
}
