import type { ReadContext } from '../field.ts';
import type { Node } from '../node.ts';

/** The node in words, never with a secret in it: `the number 30`, `a list`, `'abc'`. */
export function shown(node: Node): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.secret !== undefined) return `what ${node.secret} holds`;
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'number') return `the number ${node.source}`;
  if (typeof node.value === 'boolean') return node.source;
  const open = node.value.replace(/(:\/\/[^/@\s:]*:)[^@\s]*@/g, '$1***@');
  const text = open.length > 60 ? `${open.slice(0, 57)}...` : open;
  return `'${text.replaceAll('\n', '\\n')}'`;
}

/** Reports that the node is not what the option takes; always returns undefined, for `return mismatch(...)`. */
export function mismatch(
  context: ReadContext,
  node: Node,
  wanted: {
    readonly code: string;
    readonly expected: string;
    readonly hint?: string | undefined;
    /** The value itself is a secret. */
    readonly hide?: boolean;
  },
): undefined {
  if (node.kind === 'scalar' && node.opaque === true) return undefined;
  const subject = context.name === undefined ? 'this' : `'${context.name}'`;
  context.report({
    level: 'error',
    code: wanted.code,
    message: `${subject} must be ${wanted.expected}, found ${wanted.hide === true && node.kind === 'scalar' ? 'something else' : shown(node)}`,
    place: node.place,
    ...(wanted.hint === undefined || tells(wanted.hint, node) ? {} : { hint: wanted.hint }),
  });
  return undefined;
}

/** Whether a hint would give a secret away. */
function tells(hint: string, node: Node): boolean {
  return node.kind === 'scalar' && node.secret !== undefined && hint.includes(node.source);
}

/** The text of a scalar: numbers as they were written (`1.10` stays so); nothing for other nodes. */
export function textOf(node: Node): string | undefined {
  if (node.kind !== 'scalar') return undefined;
  if (typeof node.value === 'string') return node.value;
  return typeof node.value === 'number' ? node.source : undefined;
}

/** In a schema: any scalar may come from an interpolation or a template's parameter. */
export const interpolated = { type: 'string', pattern: '\\$\\{' } as const;
