import type { MapEntry, MapNode } from '../schema/node.ts';
import type { Place } from '../schema/place.ts';
import { overlay } from './merge-nodes.ts';

/** A map of settings and what it is, for saying where a value came from: nearest first in a list of layers. */
export interface Layer {
  readonly map: MapNode;
  /** `the service`, `defaults of kind http`. */
  readonly label: string;
}

/** Where a resolved value came from. */
export interface Origin {
  /** `rules/api.yaml:7` is told by the place; this says what that is: `the check`, `defaults of group web`, `built in`. */
  readonly label: string;
  readonly place?: Place;
}

export type Origins = Readonly<Record<string, Origin>>;

/** Maps under these keys are put together from all layers; of any other key the nearest layer's value counts whole. */
const composed = new Set(['repair_budget', 'evidence', 'labels']);

/** One map of the settings of these keys, each from the nearest layer that has it, and where each came from. */
export function takeNearest(
  keys: ReadonlySet<string>,
  layers: readonly Layer[],
): { readonly entries: readonly MapEntry[]; readonly origins: Origins } {
  const entries = new Map<string, MapEntry>();
  const origins: Record<string, Origin> = {};
  for (const { map, label } of layers) {
    for (const entry of map.entries) {
      const { key } = entry;
      if (!keys.has(key)) continue;
      const nearer = entries.get(key);
      if (nearer === undefined) {
        entries.set(key, entry);
        origins[key] = { label, place: entry.keyPlace };
      } else if (composed.has(key) && nearer.value.kind === 'map' && entry.value.kind === 'map') {
        entries.set(key, { ...nearer, value: overlay(nearer.value, entry.value) });
      }
    }
  }
  return { entries: [...entries.values()], origins };
}
