import type { Field, ReadContext } from '../../schema/field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import {
  anything,
  choice,
  duration,
  either,
  flag,
  group,
  hostPort,
  integer,
  list,
  number,
  path,
  percent,
  size,
  text,
  url,
} from '../../schema/fields.ts';
import type { MapEntry, MapNode, Node } from '../../schema/node.ts';
import { readFields } from '../../schema/read-fields.ts';

const typeNames = [
  'text',
  'integer',
  'number',
  'flag',
  'duration',
  'size',
  'percent',
  'path',
  'url',
  'address',
  'list',
  'choice',
] as const;

type TypeName = (typeof typeNames)[number];

/** What a template wants to be told. */
export interface Parameter {
  readonly name: string;
  readonly field: Field<unknown>;
  readonly fallback?: Node;
}

const settings = {
  type: choice(typeNames, { summary: 'What it must be.', default: 'text' }),
  summary: text({ summary: 'What it is for.', optional: true }),
  default: anything({ summary: 'Taken when the use does not say.', optional: true }),
  values: list(text(), { summary: 'The words that are possible, for a choice.', optional: true, min: 1 }),
  min: number({ summary: 'The smallest number.', optional: true }),
  max: number({ summary: 'The largest number.', optional: true }),
};

/** How one parameter is declared: `port: integer`, or a map with a type, a default and limits. */
export const parameterField = either([choice(typeNames), group(settings)], {
  summary: 'What the parameter must be.',
});

/** Reads `parameters:` of a template. */
export function readParameters(map: MapNode, context: ReadContext): readonly Parameter[] {
  return map.entries.flatMap((entry) => {
    const parameter = readParameter(entry, context);
    return parameter === undefined ? [] : [parameter];
  });
}

function readParameter(entry: MapEntry, context: ReadContext): Parameter | undefined {
  const name = entry.key;
  const inner = { ...context, name };
  if (!/^[A-Za-z_][\w-]*$/.test(name) || name === 'service' || name === 'check') {
    context.report({
      level: 'error',
      code: 'bad-name',
      message: `a parameter cannot be called '${name}'`,
      place: entry.keyPlace,
      hint: 'use letters, digits, _ and -; service and check are given',
    });
    return undefined;
  }
  if (entry.value.kind !== 'map') {
    const type = settings.type.read(entry.value, inner);
    return type === undefined ? undefined : { name, field: fieldOf(type, {}) };
  }
  const value = readFields(settings, entry.value, inner, { what: `the parameter '${name}'` });
  if (value === undefined) return undefined;
  if (value.type === 'choice' && value.values === undefined) {
    return mismatch(inner, entry.value, { code: 'missing-key', expected: 'a choice with its values' });
  }
  const field = fieldOf(value.type, value);
  const fallback = entry.value.entries.find(({ key }) => key === 'default')?.value;
  if (fallback !== undefined && field.read(fallback, inner) === undefined) return undefined;
  return { name, field, ...(fallback === undefined ? {} : { fallback }) };
}

interface Limits {
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

function fieldOf(type: TypeName, { values = [], min, max }: Limits): Field<unknown> {
  const limits = {
    summary: '',
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
  switch (type) {
    case 'text':
      return text({ summary: '', empty: true });
    case 'integer':
      return integer(limits);
    case 'number':
      return number(limits);
    case 'flag':
      return flag();
    case 'duration':
      return duration();
    case 'size':
      return size();
    case 'percent':
      return percent();
    case 'path':
      return path();
    case 'url':
      return url({ summary: '', schemes: ['http', 'https'] });
    case 'address':
      return hostPort();
    case 'list':
      return list(text());
    case 'choice':
      return choice(values);
  }
}
