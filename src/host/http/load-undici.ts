import { loadPackage } from '../packages/load-package.ts';

/** The class of undici that speaks HTTP over one given connection. */
export type ClientClass = typeof import('undici').Client;

/**
 * Loads it: the one file that a probe needs, because the whole package takes 9 MB and 0.1 s more. The whole package only
 * where a later version keeps the class elsewhere. Throws when neither can be read; the next call tries again.
 */
export function loadClient(): ClientClass {
  try {
    return loadPackage<ClientClass>('undici/lib/dispatcher/client.js', isClass);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return loadPackage<typeof import('undici')>('undici', ({ Client }) => isClass(Client)).Client;
  }
}

function isClass(loaded: unknown): boolean {
  return typeof loaded === 'function';
}
