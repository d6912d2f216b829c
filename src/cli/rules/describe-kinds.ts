import { registeredKinds } from '../../config/registered-kinds.ts';
import type { ReadingField } from '../../model/reading.ts';
import type { Fields } from '../../schema/field.ts';

/** One kind of anything, as plain data: what `watcher kinds` prints and the reference is made of. */
export interface KindDescription {
  readonly family: Family;
  readonly kind: string;
  readonly summary: string;
  /** The option that a plain value stands for. */
  readonly main?: string;
  readonly options: readonly OptionDescription[];
  readonly readings: readonly ReadingDescription[];
  /** Conditions that hold where the user gives none on the same readings. */
  readonly expects: readonly string[];
  /** More facts for people, by name. */
  readonly notes: Readonly<Record<string, string>>;
  readonly example: string;
}

export type Family = 'check' | 'manager' | 'notifier' | 'repair';

export interface OptionDescription {
  /** Dotted for options within groups: `tls.verify`. */
  readonly name: string;
  readonly type: string;
  readonly presence: 'required' | 'optional' | 'default';
  readonly default?: string;
  readonly summary: string;
}

export interface ReadingDescription {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
}

/** Every kind of every registry, in the order of the reference. */
export function describeKinds(): readonly KindDescription[] {
  const { checks, managers, repairs, notifiers } = registeredKinds();
  return [
    ...Object.values(checks).map((kind) => ({
      ...common('check', kind),
      readings: Object.entries(kind.readings).map(([name, field]) => ({
        name,
        unit: unitOf(field),
        meaning: field.meaning,
      })),
      expects: kind.expects,
    })),
    ...Object.values(managers).map((kind) => ({ ...common('manager', kind), notes: kind.notes })),
    ...Object.values(repairs).map((kind) => common('repair', { ...kind, options: {} })),
    ...Object.values(notifiers).map((kind) => common('notifier', kind)),
  ];
}

interface Declared {
  readonly kind: string;
  readonly summary: string;
  readonly options: Fields;
  readonly main?: string;
  readonly example: string;
}

function common(family: Family, { kind, summary, options, main, example }: Declared): KindDescription {
  return {
    family,
    kind,
    summary,
    options: describeOptions(options),
    readings: [],
    expects: [],
    notes: {},
    example: example.replace(/^\n+|\s+$/g, ''),
    ...(main === undefined ? {} : { main }),
  };
}

/** Options as plain data, those within groups after their group. */
export function describeOptions(fields: Fields, prefix = ''): readonly OptionDescription[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    {
      name: prefix + name,
      type: field.type,
      presence: field.presence,
      summary: field.summary,
      ...(field.defaultText === undefined ? {} : { default: field.defaultText }),
    },
    ...describeOptions(field.fields ?? {}, `${prefix}${name}.`),
  ]);
}

const units = {
  count: 'number',
  bytes: 'size',
  duration: 'duration',
  percent: 'percent',
  timestamp: 'point in time',
} as const;

function unitOf(field: ReadingField): string {
  if (field.type === 'number')
    return field.per === undefined ? units[field.quantity] : `${units[field.quantity]}/s`;
  if (field.type === 'text' && field.values !== undefined) return field.values.join(', ');
  return { text: 'text', flag: 'true or false', json: 'JSON, by path', map: 'text, by name', list: 'list' }[
    field.type
  ];
}
