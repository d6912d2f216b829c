import type { Node } from '../node.ts';
import type { Place } from '../place.ts';

/** Texts of fewer characters from elsewhere are no secret by themselves: what is written around them counts. */
const TELLING = 8;

/**
 * Where a secret stands openly that was read from this node: there, or where the variables and parameters have it from
 * which it was put together. Nowhere for one that is referred to.
 */
export function placesOf(node: Node, secret: string): readonly Place[] {
  if (node.kind !== 'scalar') return [node.place];
  if (node.secret !== undefined || node.opaque === true) return [];
  const parts = (node.written ?? []).filter(
    ({ text }) => text !== '' && (secret.includes(text) || text.includes(secret)),
  );
  const known = parts.reduce((sum, { text }) => sum + text.length, 0);
  const places = parts.map(({ place }) => place);
  return known >= Math.min(TELLING, secret.length) ? places : [node.place, ...places];
}

/** A place as the source of what stands there: `api.yaml:3:9`. */
export function sourceAt({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
