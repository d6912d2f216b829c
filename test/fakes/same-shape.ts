import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';

/**
 * Whether V8 has given both the same hidden class. Objects of a hot path that each have one of their own are looked up slowly for
 * ever, and what looks at them is compiled again and again.
 */
export function haveSameShape(a: object | undefined, b: object | undefined): boolean {
  setFlagsFromString('--allow-natives-syntax');
  const same = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: unknown, b: unknown) => boolean;
  return a !== undefined && b !== undefined && a !== b && same(a, b);
}
