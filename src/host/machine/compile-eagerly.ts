import { setFlagsFromString } from 'node:v8';

/** Read whenever V8 compiles something: not only when the program starts. */
const EAGER = ['--always-sparkplug', '--no-lazy-feedback-allocation'];
const USUAL = ['--no-always-sparkplug', '--lazy-feedback-allocation'];
/** From then on: V8 forgets what did not run between a few large collections, and compiles it again when it does. */
const FOR_GOOD = ['--no-flush-bytecode'];

/**
 * What is compiled while this runs gets machine code at once, which V8 otherwise gives to what ran often enough. For what
 * runs seldom and has to be quick then; the code of all that was ever compiled stays for as long as the program runs.
 */
export async function compileEagerly(run: () => Promise<void>): Promise<void> {
  for (const flag of [...FOR_GOOD, ...EAGER]) setFlagsFromString(flag);
  try {
    await run();
  } finally {
    for (const flag of USUAL) setFlagsFromString(flag);
  }
}
