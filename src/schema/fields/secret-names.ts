import { namesSecret, secretParameter } from '../../lib/secret-names.ts';
import type { ReadContext } from '../field.ts';
import type { Node } from '../node.ts';
import { placesOf } from './secret-places.ts';

/** Shorter values are ordinary words too often to be masked wherever they stand. */
const TELLING = 8;

/** Tells the context that the value of a header or variable with such a name is a secret: whole, and behind `Bearer`. */
export function tellNamedSecret(name: string, node: Node, value: unknown, context: ReadContext): void {
  if (typeof value !== 'string' || !namesSecret(name) || isOpaque(node)) return;
  // A path is where a key is, and not the key.
  if (/^(~|\.\.?)?\//.test(value)) return;
  const source = sourceOf(node, name);
  context.secret?.(value, source, placesOf(node, value));
  const credentials = /^\w+ +(\S{8,})$/.exec(value)?.[1];
  if (credentials !== undefined) context.secret?.(credentials, source, placesOf(node, credentials));
}

/** Tells the context of secrets among the parameters of an address: `?token=...`. */
export function tellParameters(address: string, node: Node, context: ReadContext): void {
  if (isOpaque(node)) return;
  for (const [, name = '', value = ''] of address.matchAll(secretParameter)) {
    const source = sourceOf(node, name);
    const places = placesOf(node, value);
    context.secret?.(`${name}=${value}`, source, places);
    if (value.length >= TELLING) context.secret?.(value, source, places);
  }
}

/** The address for people, without the values of such parameters. */
export function hideParameters(address: string): string {
  return address.replace(secretParameter, (whole, name: string) => `${whole.slice(0, 1)}${name}=***`);
}

function isOpaque(node: Node): boolean {
  return node.kind === 'scalar' && node.opaque === true;
}

function sourceOf(node: Node, name: string): string {
  return (node.kind === 'scalar' ? node.secret : undefined) ?? `the value of ${name}`;
}
