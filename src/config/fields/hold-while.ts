import type { HoldWhile } from '../../model/service.ts';
import type { Field, ReadContext } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import { command, path } from '../../schema/fields.ts';
import type { Node } from '../../schema/node.ts';
import { reportUnknownKey } from '../../schema/read-fields.ts';

const lockFile = path({ summary: 'Hold while this file exists.' });
const askingCommand = command({ summary: 'Hold while this command exits with 0.', timeout: '5s' });

/** `{ exists: /run/deploy.lock }` or `{ run: [...] }`, one or a list: while one of them holds, nothing is a failure. */
export function holdWhile<const S extends Settings<readonly HoldWhile[]>>(
  settings: S,
): Field<readonly HoldWhile[], PresenceOf<S>> {
  const one = (name: string, schema: unknown) => ({
    type: 'object',
    properties: { [name]: schema },
    required: [name],
    additionalProperties: false,
  });
  const item = { anyOf: [one('exists', lockFile.schema), one('run', askingCommand.schema)] };
  return makeField<readonly HoldWhile[], readonly HoldWhile[], S>(settings, {
    type: '{ exists: path } or { run: command }, or a list of them',
    schema: { anyOf: [item, { type: 'array', items: item }] },
    fits: () => true,
    value: (fallback) => fallback,
    write: JSON.stringify,
    print: (all) => `[${all.map(printOne).join(', ')}]`,
    read: (node, context) => {
      const items: readonly Node[] = node.kind === 'list' ? node.items : [node];
      const read = items.map((each) => readOne(each, context));
      return read.every((each) => each !== undefined) ? read : undefined;
    },
  });
}

function printOne(one: HoldWhile): string {
  return 'exists' in one ? `{ exists: ${one.exists} }` : `{ run: ${askingCommand.print(one.run)} }`;
}

function readOne(node: Node, context: ReadContext): HoldWhile | undefined {
  const [entry, ...rest] = node.kind === 'map' ? node.entries : [];
  if (entry === undefined || rest.length > 0) {
    return mismatch(context, node, { code: 'wrong-type', expected: '{ exists: /path } or { run: [...] }' });
  }
  const inner = { ...context, name: entry.key };
  if (entry.key === 'exists') {
    const exists = lockFile.read(entry.value, inner);
    return exists === undefined ? undefined : { exists };
  }
  if (entry.key === 'run') {
    const run = askingCommand.read(entry.value, inner);
    return run === undefined ? undefined : { run };
  }
  reportUnknownKey(entry, ['exists', 'run'], context, { what: 'hold_while' });
  return undefined;
}
