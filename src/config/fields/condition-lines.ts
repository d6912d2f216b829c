import type { Field } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import { list, text } from '../../schema/fields.ts';
import type { Node, ScalarNode } from '../../schema/node.ts';

/** Conditions as written, one or a list: compiled once the kind of their check is known. */
export function conditionLines<const S extends Settings<readonly string[]>>(
  settings: S,
): Field<readonly ScalarNode[], PresenceOf<S>> {
  const texts = list(text(), { summary: '', single: true });
  return makeField<readonly ScalarNode[], readonly string[], S>(settings, {
    type: 'condition, or a list of conditions',
    schema: texts.schema,
    fits: texts.fits,
    value: () => [],
    write: (fallback) => `[${fallback.join(', ')}]`,
    print: (lines) => `[${lines.map((line) => JSON.stringify(line.value)).join(', ')}]`,
    read: (node, context) => {
      const items: readonly Node[] = node.kind === 'list' ? node.items : [node];
      const lines: ScalarNode[] = [];
      for (const item of items) {
        if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value.trim() === '') {
          const hint =
            item.kind === 'map' ? "if it holds ': ' or '#', put the condition in quotes" : undefined;
          mismatch(context, item, {
            code: 'wrong-type',
            expected: "a condition such as 'latency < 500 ms'",
            hint,
          });
        } else if (item.secret !== undefined) {
          // Conditions are printed with every incident.
          mismatch(context, item, {
            code: 'secret-condition',
            expected: 'a condition without a secret in it',
          });
        } else {
          lines.push(item);
        }
      }
      return lines.length === items.length ? lines : undefined;
    },
  });
}
