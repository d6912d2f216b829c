import { shortestSecret } from '../../lib/redactor.ts';
import { compileRegex } from '../../lib/regex/regex.ts';
import type { Field, ReadContext } from '../field.ts';
import type { Node } from '../node.ts';
import { makeField, type PresenceOf, plain, quoteIfNeeded, type Settings } from './make-field.ts';
import { mismatch, textOf } from './mismatch.ts';
import { placesOf, sourceAt } from './secret-places.ts';

interface TextSettings extends Settings<string> {
  /** Whether the empty text is allowed (default: it is a problem). */
  readonly empty?: boolean;
  readonly secret?: boolean;
}

/** Any text; a number is taken as it was written. */
export function text<const S extends TextSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<string, PresenceOf<S>> {
  const { empty, secret }: TextSettings = settings;
  return makeField<string, string, S>(settings, {
    type: 'text',
    schema: { type: ['string', 'number'] },
    secret: secret === true,
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => fallback,
    write: quoteIfNeeded,
    read: (node, context) => {
      const value = readText(node, context, empty === true);
      if (secret === true && value !== undefined) tellSecret(node, context, value);
      if (secret === true && value === undefined) tellSecretsBelow(node, context);
      return value;
    },
  });
}

/** Text that is never printed: a password, a token. Best written as `${file:...}` or `${credential:...}`. */
export function secretText<const S extends Settings<string>>(settings: S): Field<string, PresenceOf<S>> {
  return text({ ...settings, secret: true }) as unknown as Field<string, PresenceOf<S>>;
}

/** A regular expression as text, without slashes, of the engine that no pattern can stall (`lib/regex`). */
export function pattern<const S extends Settings<string>>(settings: S): Field<string, PresenceOf<S>> {
  return makeField<string, string, S>(settings, {
    type: 'pattern',
    schema: { type: ['string', 'number'] },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => fallback,
    write: quoteIfNeeded,
    read: (node, context) => {
      const value = readText(node, context, false);
      const compiled = value === undefined ? undefined : compileRegex(value);
      if (compiled === undefined || 'test' in compiled) return value;
      const expected = `a regular expression (${compiled.message})`;
      return mismatch(context, node, { code: 'bad-pattern', expected });
    },
  });
}

/** Text or a problem: shared by the fields that are text with a meaning. */
export function readText(node: Node, context: ReadContext, empty = false): string | undefined {
  const value = textOf(node);
  if (value === undefined) {
    const hint =
      node.kind === 'scalar' && node.value !== null ? `put it in quotes: "${node.source}"` : undefined;
    return mismatch(context, node, { code: 'wrong-type', expected: 'text', hint });
  }
  if (value === '' && !empty) {
    return mismatch(context, node, { code: 'empty-text', expected: 'text that is not empty' });
  }
  return value;
}

/** Tells the context of a secret in this node and of where it came from. */
export function tellSecret(node: Node, context: ReadContext, secret: string): void {
  // What could not be read is no secret, and masking its reference would hide what is wrong.
  if (node.kind === 'scalar' && node.opaque === true) return;
  const source = node.kind === 'scalar' ? node.secret : undefined;
  const places = placesOf(node, secret);
  context.secret?.(secret, source ?? sourceAt(places[0] ?? node.place), places);
}

/** Tells the context of all texts below a node that should have been one secret, or stands where one belongs. */
export function tellSecretsBelow(node: Node, context: ReadContext): void {
  if (node.kind === 'list') for (const item of node.items) tellSecretsBelow(item, context);
  else if (node.kind === 'map') for (const { value } of node.entries) tellSecretsBelow(value, context);
  else if (node.value !== null && node.source.length >= shortestSecret)
    tellSecret(node, context, node.source);
}
