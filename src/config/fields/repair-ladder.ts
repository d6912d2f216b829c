import { nearestWord } from '../../lib/nearest.ts';
import type { RepairStep } from '../../model/service.ts';
import type { RepairKind } from '../../repairs/repair-kind.ts';
import type { Field, JsonSchema, ReadContext } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import { command } from '../../schema/fields.ts';
import type { Node } from '../../schema/node.ts';
import { reportUnknownKey } from '../../schema/read-fields.ts';

type RepairKinds = Readonly<Record<string, RepairKind>>;

/** `restart`, `{ run: [...] }`, or a list of those: the next when the last did not hold. */
export function repairLadder<const S extends Settings<readonly RepairStep[]>>(
  kinds: RepairKinds,
  settings: S,
): Field<readonly RepairStep[], PresenceOf<S>> {
  const rung = rungSchema(kinds);
  return makeField<readonly RepairStep[], readonly RepairStep[], S>(settings, {
    type: 'repair, or a list of repairs',
    schema: { anyOf: [rung, { type: 'array', items: rung }] },
    fits: () => true,
    value: (fallback) => fallback,
    write: (fallback) => `[${fallback.map(writeStep).join(', ')}]`,
    print: (steps) => `[${steps.map(writeStep).join(', ')}]`,
    read: (node, context) => {
      const items: readonly Node[] = node.kind === 'list' ? node.items : [node];
      const steps = items.map((item) => readRung(item, kinds, context));
      return steps.every((step) => step !== undefined) ? steps : undefined;
    },
  });
}

/** A repair as a user would write it. */
export function writeStep(step: RepairStep): string {
  return step.command === undefined ? step.kind : `{ ${step.kind}: ${command().print(step.command)} }`;
}

function readRung(node: Node, kinds: RepairKinds, context: ReadContext): RepairStep | undefined {
  const words = Object.keys(kinds);
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const kind = Object.hasOwn(kinds, node.value) ? kinds[node.value] : undefined;
    if (kind === undefined) {
      const near = nearestWord(node.value, words);
      return mismatch(context, node, {
        code: 'unknown-repair',
        expected: `one of ${words.join(', ')}`,
        hint: near === undefined ? meantRepair(node.value) : `did you mean '${near}'?`,
      });
    }
    // Without a command of its own it is asked of the manager; `run` alone has nothing to run.
    if (kind.operation !== 'run') return { kind: kind.kind };
    return mismatch(context, node, {
      code: 'missing-command',
      expected: 'a repair with its command',
      hint: `write { ${kind.kind}: [/path/to/program, argument] }`,
    });
  }
  const [entry, ...rest] = node.kind === 'map' ? node.entries : [];
  if (entry === undefined || rest.length > 0) {
    return mismatch(context, node, {
      code: 'wrong-type',
      expected: 'a repair such as restart or { run: [/path/to/program] }',
    });
  }
  const kind = Object.hasOwn(kinds, entry.key) ? kinds[entry.key] : undefined;
  const takers = words.filter((word) => kinds[word]?.takesCommand === true);
  if (kind === undefined || !kind.takesCommand) {
    reportUnknownKey(entry, takers, context, { what: 'a repair with a command' });
    return undefined;
  }
  const value = command().read(entry.value, { ...context, name: entry.key });
  return value === undefined ? undefined : { kind: kind.kind, command: value };
}

/** What Monit has as actions, and commands as text. */
function meantRepair(text: string): string | undefined {
  if (/^(alert|notify|mail|email|none)$/i.test(text)) {
    return 'leave it out: people are told anyway, and notify: says who';
  }
  const program = /(?:^|["'\s])(\/[^"']*)/.exec(text)?.[1]?.trim();
  return program === undefined ? undefined : `write { run: [${program.split(/\s+/).join(', ')}] }`;
}

function rungSchema(kinds: RepairKinds): JsonSchema {
  const plain = Object.values(kinds).filter(({ operation }) => operation !== 'run');
  const takers = Object.values(kinds).filter(({ takesCommand }) => takesCommand);
  return {
    anyOf: [
      ...plain.map((kind) => ({ const: kind.kind, description: kind.summary })),
      { type: 'string', pattern: '\\$\\{' },
      ...takers.map((kind) => ({
        type: 'object',
        description: kind.summary,
        properties: { [kind.kind]: command().schema },
        required: [kind.kind],
        additionalProperties: false,
      })),
    ],
  };
}
