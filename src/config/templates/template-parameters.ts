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
  min: anything({ summary: 'The smallest number, duration, size or percentage.', optional: true }),
  max: anything({ summary: 'The largest number, duration, size or percentage.', optional: true }),
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
    return type === undefined ? undefined : { name, field: builders[type]({}, []) };
  }
  const value = readFields(settings, entry.value, inner, { what: `the parameter '${name}'` });
  if (value === undefined) return undefined;
  if (value.type === 'choice' && value.values === undefined) {
    return mismatch(inner, entry.value, { code: 'missing-key', expected: 'a choice with its values' });
  }
  const limits = readLimits(value.type, entry.value, inner);
  if (limits === undefined) return undefined;
  const field = builders[value.type](limits, value.values ?? []);
  const fallback = entry.value.entries.find(({ key }) => key === 'default')?.value;
  if (fallback !== undefined && field.read(fallback, inner) === undefined) return undefined;
  return { name, field, ...(fallback === undefined ? {} : { fallback }) };
}

/** As they were written: with the unit that the type has. */
interface Limits {
  readonly min?: string;
  readonly max?: string;
}

/** The limits of a parameter; undefined where something about them was reported. */
function readLimits(type: TypeName, map: MapNode, context: ReadContext): Limits | undefined {
  const limits: { min?: string; max?: string } = {};
  const read: { min?: unknown; max?: unknown } = {};
  let good = true;
  for (const { key, keyPlace, value } of map.entries) {
    const fits = key === 'values' ? type === 'choice' : measuredTypes.includes(type);
    if (key !== 'values' && key !== 'min' && key !== 'max') continue;
    if (!fits) {
      good = false;
      const possible = key === 'values' ? 'a choice' : measuredTypes.join(', ');
      context.report({
        level: 'error',
        code: 'no-such-limit',
        message: `a parameter of type ${type} has no '${key}'`,
        place: keyPlace,
        hint: `there is one for ${possible}`,
      });
    } else if (key !== 'values') {
      read[key] = builders[type]({}, []).read(value, { ...context, name: key });
      if (read[key] === undefined || value.kind !== 'scalar') good = false;
      else limits[key] = value.source;
    }
  }
  if (!good) return undefined;
  if (typeof read.min !== 'number' || typeof read.max !== 'number' || read.min <= read.max) return limits;
  const node = map.entries.find(({ key }) => key === 'min')?.value ?? map;
  const expected = `at most its 'max', ${limits.max}`;
  return mismatch({ ...context, name: 'min' }, node, { code: 'out-of-range', expected });
}

/** Those of which there is a smaller and a larger. */
const measuredTypes: readonly TypeName[] = ['integer', 'number', 'duration', 'size', 'percent'];

const builders: {
  readonly [T in TypeName]: (limits: Limits, values: readonly string[]) => Field<unknown>;
} = {
  text: () => text({ summary: '', empty: true }),
  integer: (limits) => integer(inNumbers(limits)),
  number: (limits) => number(inNumbers(limits)),
  flag: () => flag(),
  duration: (limits) => duration({ summary: '', ...limits }),
  size: (limits) => size({ summary: '', ...limits }),
  percent: (limits) => percent({ summary: '', ...limits }),
  path: () => path(),
  url: () => url({ summary: '', schemes: ['http', 'https'] }),
  address: () => hostPort(),
  list: () => list(text()),
  choice: (_limits, values) => choice(values),
};

function inNumbers({ min, max }: Limits) {
  return {
    summary: '',
    ...(min === undefined ? {} : { min: Number(min) }),
    ...(max === undefined ? {} : { max: Number(max) }),
  };
}
