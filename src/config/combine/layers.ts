import { placeText } from '../../schema/frame.ts';
import type { MapEntry, MapNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
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

/**
 * Where the value of a setting came from; nothing for what is built in. Found when it is asked for, which is seldom. With names
 * of maps in it, one below the other, as deep as they are written: `origins('manager', 'commands', 'start')`.
 */
export type Origins = (setting: string, ...below: readonly string[]) => Origin | undefined;

/** Maps under these keys are put together from all layers; of any other key the nearest layer's value counts whole. */
const composed = new Set(['repair_budget', 'evidence', 'labels']);

/** The layer with the settings of these keys alone. */
export function layerOf({ map, label }: Layer, keys: ReadonlySet<string>): Layer {
  return { map: { ...map, entries: map.entries.filter(({ key }) => keys.has(key)) }, label };
}

/** Where settings come from that are taken from the nearest of these. */
export function originsIn(layers: readonly Layer[]): Origins {
  return (setting, ...below) => {
    for (const { map, label } of layers) {
      const entry = entryOf(map, setting);
      if (entry !== undefined) return { label, place: deepest(entry, below).keyPlace };
    }
    return undefined;
  };
}

function deepest(entry: MapEntry, [name, ...below]: readonly string[]): MapEntry {
  const inner = name === undefined || entry.value.kind !== 'map' ? undefined : entryOf(entry.value, name);
  return inner === undefined ? entry : deepest(inner, below);
}

/** Every setting from the nearest layer that has it. */
export function takeNearest(layers: readonly Layer[]): readonly MapEntry[] {
  const entries = new Map<string, MapEntry>();
  for (const { map } of layers) {
    for (const entry of map.entries) {
      const { key } = entry;
      const nearer = entries.get(key);
      if (nearer === undefined) {
        entries.set(key, entry);
      } else if (composed.has(key) && nearer.value.kind === 'map' && entry.value.kind === 'map') {
        entries.set(key, { ...nearer, value: overlay(nearer.value, entry.value) });
      }
    }
  }
  return [...entries.values()];
}

/** Where an option of a kind came from that is written below the kind's key, or as its plain value. */
export function originOfOption(
  option: string,
  { value }: MapEntry,
  main: string | undefined,
  label: string,
): Origin | undefined {
  if (value.kind === 'map') {
    const own = entryOf(value, option);
    return own === undefined ? undefined : { label, place: own.keyPlace };
  }
  const plain = option === main && !(value.kind === 'scalar' && value.value === null);
  return plain ? { label, place: value.place } : undefined;
}

/** As the comment behind a printed value: `rules/api.yaml:7:9 the check`. */
export function originText(origin: Origin | undefined): string | undefined {
  if (origin === undefined) return undefined;
  return origin.place === undefined ? origin.label : `${placeText(origin.place)} ${origin.label}`;
}
