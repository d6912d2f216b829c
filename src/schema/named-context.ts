import type { ReadContext } from './field.ts';

const known = new WeakMap<ReadContext, Map<string, ReadContext>>();

/**
 * The context for reading the setting of this name. Kept for the context, as thousands of maps are read with one:
 * only for names that a declaration gives, never for those that users invent.
 */
export function namedContext(context: ReadContext, name: string): ReadContext {
  let byName = known.get(context);
  if (byName === undefined) {
    byName = new Map();
    known.set(context, byName);
  }
  let named = byName.get(name);
  if (named === undefined) {
    named = { ...context, name };
    byName.set(name, named);
  }
  return named;
}

/** The context for reading what stands for itself. */
export function unnamedContext(context: ReadContext): ReadContext {
  if (context.name === undefined) return context;
  const { name: _, ...rest } = context;
  return rest;
}
