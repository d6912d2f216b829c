import type { MapEntry, MapNode } from '../schema/node.ts';
import type { Place } from '../schema/place.ts';
import { entryOf, overlay } from './merge-nodes.ts';

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
  keys: readonly string[],
  layers: readonly Layer[],
): { readonly entries: readonly MapEntry[]; readonly origins: Origins } {
  const entries: MapEntry[] = [];
  const origins: Record<string, Origin> = {};
  for (const key of keys) {
    let entry: MapEntry | undefined;
    for (const { map, label } of layers) {
      const found = entryOf(map, key);
      if (found === undefined) continue;
      if (entry === undefined) {
        entry = found;
        origins[key] = { label, place: found.keyPlace };
      } else if (entry.value.kind === 'map' && found.value.kind === 'map') {
        entry = { ...entry, value: overlay(entry.value, found.value) };
      }
      if (!composed.has(key)) break;
    }
    if (entry !== undefined) entries.push(entry);
  }
  return { entries, origins };
}
