import type { Field, JsonSchema, ReadContext } from '../field.ts';
import type { Node } from '../node.ts';
import { makeField, type PresenceOf, plain, type Settings } from './make-field.ts';
import { interpolated, mismatch, textOf } from './mismatch.ts';

interface NumberSettings extends Settings<number> {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number without a unit. */
export function integer<const S extends NumberSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<number, PresenceOf<S>> {
  return numeric(settings, 'integer', Number.isSafeInteger);
}

/** A number without a unit. */
export function number<const S extends NumberSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<number, PresenceOf<S>> {
  return numeric(settings, 'number', Number.isFinite);
}

/** `true` or `false`. */
export function flag<const S extends Settings<boolean> = typeof plain>(
  settings: S = plain as unknown as S,
): Field<boolean, PresenceOf<S>> {
  return makeField<boolean, boolean, S>(settings, {
    type: 'true or false',
    schema: { anyOf: [{ type: 'boolean' }, interpolated] },
    fits: (node) => node.kind === 'scalar' && typeof node.value === 'boolean',
    value: (fallback) => fallback,
    write: String,
    read: (node, context) => {
      if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
      return mismatch(context, node, {
        code: 'wrong-type',
        expected: 'true or false',
        hint: flagHint(node),
      });
    },
  });
}

function numeric<S extends NumberSettings>(
  settings: S,
  type: 'integer' | 'number',
  accepts: (value: number) => boolean,
): Field<number, PresenceOf<S>> {
  const { min, max }: NumberSettings = settings;
  const schema: JsonSchema = {
    type,
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
  return makeField<number, number, S>(settings, {
    type,
    schema: { anyOf: [schema, interpolated] },
    fits: (node) => node.kind === 'scalar' && typeof node.value === 'number',
    value: (fallback) => fallback,
    write: String,
    read: (node, context) => readNumber(node, context, { type, min, max, accepts }),
  });
}

function readNumber(
  node: Node,
  context: ReadContext,
  wanted: {
    readonly type: string;
    readonly min: number | undefined;
    readonly max: number | undefined;
    readonly accepts: (value: number) => boolean;
  },
): number | undefined {
  const noun = wanted.type === 'integer' ? 'a whole number' : 'a number';
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value !== 'number' || !wanted.accepts(value)) {
    const quotedNumber = typeof value === 'string' && value !== '' && wanted.accepts(Number(value));
    const hint = quotedNumber ? `leave out the quotes: ${value}` : undefined;
    return mismatch(context, node, { code: 'wrong-type', expected: noun, hint });
  }
  const { min, max } = wanted;
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
    const range =
      max === undefined
        ? `of at least ${min}`
        : min === undefined
          ? `of at most ${max}`
          : `from ${min} to ${max}`;
    return mismatch(context, node, { code: 'out-of-range', expected: `${noun} ${range}` });
  }
  return value;
}

function flagHint(node: Node): string | undefined {
  const text = textOf(node)?.toLowerCase();
  if (text === 'yes' || text === 'on' || text === 'true') return 'write true';
  return text === 'no' || text === 'off' || text === 'false' ? 'write false' : undefined;
}
