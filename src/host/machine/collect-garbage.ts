import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What V8 offers with --expose-gc; without an argument everything is collected. */
type Collect = (options?: { readonly type: 'minor' }) => void;

let known: Collect | undefined;

/** Everything that nobody holds any more; takes milliseconds. */
export function collectGarbage(): void {
  collector()();
}

/** What was made lately and nobody holds any more; takes half a millisecond. */
export function collectYoung(): void {
  collector()({ type: 'minor' });
}

/** Kept: a context is made for it, which has 145 kB. */
function collector(): Collect {
  if (known !== undefined) return known;
  setFlagsFromString('--expose-gc');
  known = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return known;
}
