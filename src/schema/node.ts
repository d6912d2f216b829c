import type { Place } from './place.ts';

/** A YAML value that knows where it stands. Interpolation has already happened; `secret` says where a text came from. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, without quotes. */
  readonly source: string;
  readonly quoted: boolean;
  readonly place: Place;
  /** Where its text came from when that is secret: `${file:/etc/key}`. */
  readonly secret?: string;
  /** Parts of its text that were written elsewhere: in variables, and in what templates are given. */
  readonly written?: readonly Written[];
  /** Of a text over several lines: what stands on each, for saying where in it something is. */
  readonly lines?: readonly Written[];
  /** The value is not what stands at the place, letter for letter (escapes, folding, interpolation). */
  readonly computed?: true;
  /** The value cannot be known here (another machine's environment, while linting): nothing is said against it. */
  readonly opaque?: true;
}

/** A text and where it stands in a file. */
export interface Written {
  readonly text: string;
  readonly place: Place;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly place: Place;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly place: Place;
}

export interface MapEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: Node;
}
