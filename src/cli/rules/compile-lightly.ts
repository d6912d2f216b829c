import { setFlagsFromString } from 'node:v8';

/**
 * For commands that read all rules and end: V8 optimises code when it has run ten times as long as otherwise. Within such a
 * second, optimising takes as much processor time as the work itself, and is thrown away at its end.
 */
export function compileLightly(): void {
  // The default is 132 KiB of bytecode. An engine that does not know the flag leaves it be.
  setFlagsFromString('--interrupt-budget=1400000');
}
