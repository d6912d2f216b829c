import type { ReadContext } from '../../schema/field.ts';
import type { MapEntry, MapNode, Node } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import { entryOf, mergeMaps, without } from './merge-nodes.ts';

/** One service as it was written, from all the places that speak of it. */
export interface ServiceRules {
  readonly name: string;
  readonly place: Place;
  readonly body: MapNode;
}

/** All documents as one: the settings put together, and the services by name. */
export interface Combined {
  readonly settings: MapNode;
  readonly services: readonly ServiceRules[];
}

/** Sorts documents into settings and services (one document each, or in a `services:` map) and merges them by name. */
export function combine(documents: readonly MapNode[], context: ReadContext): Combined {
  const parts = new Map<string, { readonly place: Place; readonly maps: MapNode[] }>();
  const settings: MapNode[] = [];
  const add = (name: string, place: Place, map: MapNode): void => {
    const known = parts.get(name);
    if (known === undefined) parts.set(name, { place, maps: [map] });
    else known.maps.push(map);
  };
  for (const document of documents) {
    const named = entryOf(document, 'service');
    if (named === undefined) {
      settings.push(without(document, ['services']));
      for (const entry of servicesOf(document, context)) add(entry.name, entry.place, entry.body);
      continue;
    }
    // An include in a service's document has been followed already.
    const body = without(document, ['service', 'include']);
    const name = serviceName(named.value, named.value.place, context);
    if (name !== undefined) add(name, named.value.place, body);
  }
  const first = settings[0];
  const empty: MapNode = {
    kind: 'map',
    entries: [],
    place: documents[0]?.place ?? { file: '', line: 1, column: 1, length: 1 },
  };
  return {
    settings: first === undefined ? empty : (mergeMaps(settings, context) ?? empty),
    services: [...parts].map(([name, { place, maps }]) => ({
      name,
      place,
      body: mergeMaps(maps, context) ?? empty,
    })),
  };
}

function servicesOf(document: MapNode, context: ReadContext): readonly ServiceRules[] {
  const entry = entryOf(document, 'services');
  if (entry === undefined) return [];
  if (entry.value.kind !== 'map') {
    context.report({
      level: 'error',
      code: 'wrong-type',
      message: "'services' must be a map of names to services",
      place: entry.value.place,
      hint: 'write services: { NAME: { checks: ... } }, the name of each service as its key',
    });
    return [];
  }
  return entry.value.entries.flatMap((service) => readEntry(service, context));
}

function readEntry(entry: MapEntry, context: ReadContext): readonly ServiceRules[] {
  const { value } = entry;
  if (!checkName(entry.key, 'a service', entry.keyPlace, context)) return [];
  const empty = value.kind === 'scalar' && value.value === null;
  const body: MapNode | undefined =
    value.kind === 'map' ? value : empty ? { kind: 'map', entries: [], place: entry.keyPlace } : undefined;
  if (body !== undefined) return [{ name: entry.key, place: entry.keyPlace, body }];
  context.report({
    level: 'error',
    code: 'wrong-type',
    message: `the service '${entry.key}' must be a map of settings`,
    place: value.place,
  });
  return [];
}

function serviceName(node: Node, place: Place, context: ReadContext): string | undefined {
  const name =
    node.kind === 'scalar' && node.value !== null && typeof node.value !== 'boolean' ? node.source : '';
  return checkName(name, 'a service', place, context) ? name : undefined;
}

/** Names are part of paths, ids, commands and addresses: letters, digits and `_ . - @ :` only. */
export function checkName(name: string, what: string, place: Place, context: ReadContext): boolean {
  const good = /^[A-Za-z0-9_][\w.@:-]{0,99}$/.test(name) && name !== 'all' && name !== '__proto__';
  if (good) return true;
  context.report({
    level: 'error',
    code: 'bad-name',
    message:
      name === ''
        ? `${what} needs a name`
        : name === 'all'
          ? `${what} cannot be called 'all': commands take that for every service`
          : `the name of ${what} must be of letters, digits and _ . - @ : (at most 100), found '${name.slice(0, 60)}'`,
    place,
  });
  return false;
}
