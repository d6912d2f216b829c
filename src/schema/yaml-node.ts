import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml';
import type { MapEntry, MapNode, Node, ScalarNode, Written } from './node.ts';
import type { Place } from './place.ts';
import type { Problem } from './problem.ts';

type PlaceOf = (from: number, to: number) => Place;
type Item = YAMLMap.Parsed['items'][number];

interface Making {
  readonly text: string;
  readonly placeOf: PlaceOf;
  readonly problems: Problem[];
  /** What anchors name, so far: an alias can only follow its anchor. */
  readonly anchors: Map<string, ParsedNode>;
  /** Anchored nodes being made right now: an alias to one of them would never end. */
  readonly open: Set<ParsedNode>;
  /** Nodes that aliases may still make: a few lines of aliases of aliases can stand for billions. */
  budget: number;
  aliasDepth: number;
  depth: number;
}

/** Nodes that aliases may make beside what the length of the file allows: a long file may well use a base often. */
const ALIASED_NODES = 2_000;
const MAX_DEPTH = 100;

/** Makes our node of the parser's, following aliases and merge keys. */
export function toNode(
  contents: ParsedNode,
  text: string,
  placeOf: PlaceOf,
): { readonly node: Node | undefined; readonly problems: readonly Problem[] } {
  const making: Making = {
    text,
    placeOf,
    problems: [],
    anchors: new Map(),
    open: new Set(),
    budget: ALIASED_NODES + text.length / 2,
    aliasDepth: 0,
    depth: 0,
  };
  return { node: make(contents, making), problems: making.problems };
}

function make(node: ParsedNode, making: Making): Node | undefined {
  const [from, to] = node.range;
  const place = making.placeOf(from, to);
  if (making.aliasDepth > 0) {
    making.budget -= 1;
    if (making.budget <= 0) {
      if (making.budget > -1)
        report(making, 'too-many-aliases', 'the aliases stand for too many values', place);
      return undefined;
    }
  }
  if (isAlias(node)) return makeAlias(node.source, place, making);
  if (node.anchor !== undefined) making.anchors.set(node.anchor, node);
  if (making.depth >= MAX_DEPTH) return report(making, 'too-deep', 'this is nested too deeply', place);
  making.depth += 1;
  making.open.add(node);
  try {
    if (isMap(node)) return makeMap(node as YAMLMap.Parsed, place, making);
    if (isSeq(node)) {
      const items = node.items.map((item) => make(item as ParsedNode, making));
      return { kind: 'list', items: items.filter((item) => item !== undefined), place };
    }
    return makeScalar(node as Scalar.Parsed, place, making);
  } finally {
    making.open.delete(node);
    making.depth -= 1;
  }
}

function makeAlias(name: string, place: Place, making: Making): Node | undefined {
  const target = making.anchors.get(name);
  if (target === undefined) {
    return report(making, 'unknown-alias', `there is no anchor &${name} before this alias`, place);
  }
  if (making.open.has(target)) {
    return report(making, 'endless-alias', `the alias *${name} is inside of what it stands for`, place);
  }
  making.aliasDepth += 1;
  const node = make(target, making);
  making.aliasDepth -= 1;
  return node;
}

function makeScalar(node: Scalar.Parsed, place: Place, { text, placeOf }: Making): ScalarNode {
  const [from, to] = node.range;
  const written = text.slice(from, to);
  const quoted = node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE';
  const value = scalarValue(node.value, node.source);
  const literal = quoted ? written.slice(1, -1) : written;
  // The first line of a block says what kind of block it is.
  const start = /^[|>]/.test(written) ? from + written.indexOf('\n') : from + (quoted ? 1 : 0);
  const body = text.slice(start, quoted ? to - 1 : to);
  return {
    kind: 'scalar',
    value,
    source: typeof value === 'string' ? value : node.source,
    quoted: node.type !== 'PLAIN',
    place,
    ...(typeof value === 'string' && literal !== value ? { computed: true } : {}),
    ...(typeof value === 'string' && written.includes('\n') && { lines: linesOf(body, start, placeOf) }),
  };
}

/** The lines of a text that stands at `from`, without what is around them. */
function linesOf(written: string, from: number, placeOf: PlaceOf): readonly Written[] {
  return [...written.matchAll(/[^\s](?:[^\n]*[^\s])?/g)].map(({ 0: line, index }) => ({
    text: line,
    place: placeOf(from + index, from + index + line.length),
  }));
}

function scalarValue(value: unknown, source: string): ScalarNode['value'] {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  // The parser makes a symbol of the key `<<`.
  return typeof value === 'string' ? value : source;
}

function makeMap(map: YAMLMap.Parsed, place: Place, making: Making): MapNode {
  const own = new Map<string, MapEntry>();
  const merged = new Map<string, MapEntry>();
  for (const item of map.items) {
    const key = keyOf(item, making);
    if (key === undefined) continue;
    const value = item.value === null ? emptyValue(key.place) : make(item.value, making);
    if (value === undefined) continue;
    if (key.merge) {
      for (const entry of mergedEntries(value, making)) {
        if (!merged.has(entry.key)) merged.set(entry.key, entry);
      }
      continue;
    }
    const first = own.get(key.text);
    if (first === undefined) own.set(key.text, { key: key.text, keyPlace: key.place, value });
    else reportDuplicate(key.text, key.place, first, making);
  }
  // What is written in the map itself wins over what is merged into it.
  const inherited = [...merged.values()].filter((entry) => !own.has(entry.key));
  return { kind: 'map', entries: [...inherited, ...own.values()], place };
}

function keyOf(
  item: Item,
  making: Making,
): { readonly text: string; readonly merge: boolean; readonly place: Place } | undefined {
  const key = item.key as ParsedNode;
  const [from, to] = key.range;
  const place = making.placeOf(from, to);
  if (!isScalar(key)) return report(making, 'bad-key', 'a key must be plain text', place);
  const scalar = makeScalar(key as Scalar.Parsed, place, making);
  if (key.anchor !== undefined) making.anchors.set(key.anchor, key as ParsedNode);
  return { text: scalar.source, merge: scalar.source === '<<' && !scalar.quoted, place };
}

function mergedEntries(value: Node, making: Making): readonly MapEntry[] {
  if (value.kind === 'map') return value.entries;
  if (value.kind === 'list' && value.items.every((item) => item.kind === 'map')) {
    return value.items.flatMap((item) => (item.kind === 'map' ? item.entries : []));
  }
  report(making, 'bad-merge', "'<<' takes a map (an alias such as *base) or a list of maps", value.place);
  return [];
}

function emptyValue(place: Place): ScalarNode {
  return { kind: 'scalar', value: null, source: '', quoted: false, place };
}

function reportDuplicate(key: string, place: Place, first: MapEntry, making: Making): void {
  making.problems.push({
    level: 'error',
    code: 'duplicate-key',
    message: `the key '${key}' is set twice`,
    place,
    related: [{ place: first.keyPlace, message: 'first set here' }],
  });
}

function report(making: Making, code: string, message: string, place: Place): undefined {
  making.problems.push({ level: 'error', code, message, place });
  return undefined;
}
