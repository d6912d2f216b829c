import type { Measure } from '../../lib/quantity.ts';
import type { Expression } from '../../model/condition.ts';
import { measureName } from '../units.ts';

/** What an expression yields, as far as it is known before there is a reading. */
export type ValueType =
  | {
      readonly type: 'number';
      readonly measure: Measure;
      /** A literal without a unit. */
      readonly bare?: boolean;
      /** The reading that holds the total, where one is declared. */
      readonly total?: string;
      /** What is left of that total. */
      readonly remaining?: true;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: 'text'; readonly values?: readonly string[] }
  | { readonly type: 'flag' }
  | { readonly type: 'list' }
  | { readonly type: 'map' }
  /** A value out of JSON: known only when it is there. */
  | { readonly type: 'any' }
  | { readonly type: 'nothing' };

export interface Typed {
  readonly expression: Expression;
  readonly type: ValueType;
}

export type NumberType = Extract<ValueType, { type: 'number' }>;

export function sameMeasure(a: Measure, b: Measure): boolean {
  return a.quantity === b.quantity && a.per === b.per;
}

/** `a size`, `text`, `true or false`: for messages. */
export function typeName(type: ValueType): string {
  switch (type.type) {
    case 'number':
      return measureName(type.measure);
    case 'text':
      return 'text';
    case 'flag':
      return 'true or false';
    case 'list':
      return 'a list';
    case 'map':
      return 'a map';
    case 'any':
      return 'a JSON value';
    case 'nothing':
      return 'null';
  }
}

/** What a number expression measures, read off the checked tree; undefined for what is no number or not known to be. */
export function measureOf(expression: Expression): Measure | undefined {
  return 'measure' in expression ? expression.measure : undefined;
}
