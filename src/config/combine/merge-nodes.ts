import type { ReadContext } from '../../schema/field.ts';
import type { MapEntry, MapNode, Node } from '../../schema/node.ts';

/** Lists under these keys are put one after the other; of any other there can only be one. */
const joined = new Set(['include', 'rules', 'maintenance', 'routes', 'uplink']);

/**
 * Puts maps of equal standing together, by name and to any depth. A value that is set twice, and not to the same, is
 * a problem that names both places.
 */
export function mergeMaps(maps: readonly MapNode[], context: ReadContext): MapNode | undefined {
  const [first, ...rest] = maps;
  if (first === undefined || rest.length === 0) return first;
  const entries = new Map<string, MapEntry>();
  for (const entry of maps.flatMap((map) => map.entries)) {
    const earlier = entries.get(entry.key);
    entries.set(entry.key, earlier === undefined ? entry : mergeEntries(earlier, entry, context));
  }
  return { ...first, entries: [...entries.values()] };
}

/** Puts a map over another one of less standing: what is in `over` wins, maps below are put together the same way. */
export function overlay(over: MapNode, under: MapNode): MapNode {
  const own = new Map(over.entries.map((entry) => [entry.key, entry]));
  const below = under.entries.map((entry) => {
    const winner = own.get(entry.key);
    if (winner === undefined) return entry;
    own.delete(entry.key);
    return winner.value.kind === 'map' &&
      entry.value.kind === 'map' &&
      compatible(entry.key, winner.value, entry.value)
      ? { ...winner, value: overlay(winner.value, entry.value) }
      : winner;
  });
  return { ...over, entries: [...below, ...own.values()] };
}

/** Whether two nodes say the same, wherever they stand. */
export function sameNode(a: Node, b: Node): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.value === b.value;
  if (a.kind === 'list') {
    if (b.kind !== 'list' || a.items.length !== b.items.length) return false;
    return a.items.every((item, index) => {
      const other = b.items[index];
      return other !== undefined && sameNode(item, other);
    });
  }
  if (b.kind !== 'map' || a.entries.length !== b.entries.length) return false;
  return a.entries.every((entry) => {
    const other = b.entries.find((candidate) => candidate.key === entry.key);
    return other !== undefined && sameNode(entry.value, other.value);
  });
}

/** The entry of that name. */
export function entryOf(map: MapNode, key: string): MapEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** The map without these keys. */
export function without(map: MapNode, keys: readonly string[]): MapNode {
  if (!map.entries.some((entry) => keys.includes(entry.key))) return map;
  return { ...map, entries: map.entries.filter((entry) => !keys.includes(entry.key)) };
}

function mergeEntries(first: MapEntry, second: MapEntry, context: ReadContext): MapEntry {
  const { key, value: a } = first;
  const { value: b } = second;
  if (a.kind === 'map' && b.kind === 'map') {
    return { ...first, value: mergeMaps([a, b], context) ?? a };
  }
  if (joined.has(key)) {
    return { ...first, value: { kind: 'list', place: a.place, items: [...itemsOf(a), ...itemsOf(b)] } };
  }
  if (!sameNode(a, b)) {
    context.report({
      level: 'error',
      code: 'conflict',
      message: `'${key}' is set twice, to different values`,
      place: second.keyPlace,
      related: [{ place: first.keyPlace, message: 'also set here' }],
    });
  }
  return first;
}

/** One item may stand without a list around it. */
function itemsOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [node];
}

/** One manager cannot be put over another one: the nearer replaces it. */
function compatible(key: string, over: MapNode, under: MapNode): boolean {
  return key !== 'manager' || over.entries[0]?.key === under.entries[0]?.key;
}
