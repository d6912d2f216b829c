import { createRequire } from 'node:module';

/**
 * Loads a CommonJS package, or one file of it, on first use. Not with `import()`: what that fails to load once, for want
 * of a free descriptor, Node never loads again, and a notice would wait for the next start of the agent. What was loaded
 * must satisfy `complete`; throws what kept it from being loaded.
 */
export function loadPackage<T>(name: string, complete: (loaded: T) => boolean): T {
  const load = createRequire(import.meta.url);
  const loaded: T = load(name);
  if (complete(loaded)) return loaded;
  // Read while something was wrong with it: the next one who asks reads it anew.
  delete load.cache[load.resolve(name)];
  throw new Error(`the package ${name} could not be loaded whole`);
}
