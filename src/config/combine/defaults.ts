import type { Field, Fields, ReadContext } from '../../schema/field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import type { MapEntry, MapNode, Node } from '../../schema/node.ts';
import { readKnown, reportUnknownKey } from '../../schema/read-fields.ts';
import type { Name } from '../fields/names.ts';
import type { Language } from '../language.ts';
import { inheritedCheckSettings } from '../settings/check-settings.ts';
import { kindNamed, optionHint } from '../settings/kind-choice.ts';
import { inheritedServiceSettings } from '../settings/service-settings.ts';
import { type Layer, layerOf } from './layers.ts';
import { entryOf, without } from './merge-nodes.ts';

/** What `defaults:` says, as layers to look through. */
export interface Defaults {
  /** For everything. */
  readonly all: WideDefaults;
  readonly groups: ReadonlyMap<string, WideDefaults>;
  /** The groups that have defaults, where they are named. */
  readonly groupNames: readonly Name[];
  readonly kinds: ReadonlyMap<string, Layer>;
}

/** Defaults that hold settings of services and settings of checks. */
export interface WideDefaults {
  readonly service: Layer;
  readonly check: Layer;
}

const serviceKeys: ReadonlySet<string> = new Set(Object.keys(inheritedServiceSettings));
const checkKeys: ReadonlySet<string> = new Set(Object.keys(inheritedCheckSettings));

function wideDefaults(layer: Layer): WideDefaults {
  return { service: layerOf(layer, serviceKeys), check: layerOf(layer, checkKeys) };
}

/** Settings that may stand in `defaults:` and in `defaults: groups:`. */
export const defaultableSettings: Fields = { ...inheritedServiceSettings, ...inheritedCheckSettings };

/** Reads and checks `defaults:`; `settings` gives `every` and `notify` from the top of watcher.yaml. */
export function readDefaults(settings: MapNode, language: Language, context: ReadContext): Defaults {
  const node = entryOf(settings, 'defaults')?.value;
  const map = asMap(node, context) ?? { kind: 'map', entries: [], place: settings.place };
  const own = without(map, ['kinds', 'groups']);
  readKnown(asOptional(defaultableSettings), own, context, {
    known: ['kinds', 'groups'],
    what: "'defaults'",
  });
  const top = settings.entries.filter(({ key }) => key === 'every' || key === 'notify');
  const kept = own.entries.filter((entry) => !top.some(({ key }) => key === entry.key));
  return {
    all: wideDefaults({ map: { ...own, entries: [...kept, ...top] }, label: 'the defaults' }),
    groups: readGroups(map, context),
    groupNames: namesBelow(map, 'groups'),
    kinds: readKinds(map, language, context),
  };
}

/** Fields of which none has to be there and none is filled in. */
export function asOptional(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const { defaultText: _, defaultValue: __, ...rest }: Field<unknown> = field;
      return [name, { ...rest, presence: 'optional' }];
    }),
  );
}

function readGroups(map: MapNode, context: ReadContext): Defaults['groups'] {
  const groups = new Map<string, WideDefaults>();
  for (const { key, map: settings } of mapsBelow(map, 'groups', context)) {
    readKnown(asOptional(defaultableSettings), settings, context, { what: `the defaults of group '${key}'` });
    groups.set(key, wideDefaults({ map: settings, label: `the defaults of group ${key}` }));
  }
  return groups;
}

function readKinds(map: MapNode, language: Language, context: ReadContext): Defaults['kinds'] {
  const kinds = new Map<string, Layer>();
  const known = Object.keys(language.kinds.checks);
  for (const { key, entry, map: settings } of mapsBelow(map, 'kinds', context)) {
    const kind = kindNamed(language.kinds.checks, key);
    if (kind === undefined) {
      reportUnknownKey(entry, known, context, { what: "'kinds'" });
      continue;
    }
    const what = `the defaults of kind '${key}'`;
    readKnown(asOptional(language.check), settings, context, {
      known: [key],
      what,
      hint: optionHint(kind, 'defaults'),
    });
    const options = entryOf(settings, key)?.value;
    const below = options === undefined ? undefined : asMap(options, { ...context, name: key });
    if (below !== undefined) readKnown(asOptional(kind.options), below, context, { what: `'${key}'` });
    // What is wrong here is wrong once, not in every check of the kind.
    const entries = settings.entries.filter(
      (one) => one.key === key || Object.hasOwn(language.check, one.key),
    );
    kinds.set(key, { map: { ...settings, entries }, label: what.replaceAll("'", '') });
  }
  return kinds;
}

function namesBelow(map: MapNode, key: string): readonly Name[] {
  const below = entryOf(map, key)?.value;
  if (below?.kind !== 'map') return [];
  return below.entries.map((entry) => ({ name: entry.key, place: entry.keyPlace }));
}

function mapsBelow(map: MapNode, key: string, context: ReadContext) {
  const entry = entryOf(map, key);
  const below = asMap(entry?.value, { ...context, name: key });
  return (below?.entries ?? []).flatMap((one: MapEntry) => {
    const settings = asMap(one.value, { ...context, name: one.key });
    return settings === undefined ? [] : [{ key: one.key, entry: one, map: settings }];
  });
}

function asMap(node: Node | undefined, context: ReadContext): MapNode | undefined {
  if (node === undefined || node.kind === 'map') return node;
  return mismatch(context, node, { code: 'wrong-type', expected: 'a map of settings' });
}
