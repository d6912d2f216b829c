import {
  END_OF_DOCUMENT,
  END_OF_TEXT,
  endsLine,
  type LineCursor,
  lineCursor,
  nextLine,
  placeAt,
  skipSpaces,
} from './line-cursor.ts';
import type { MapEntry, Node, ScalarNode } from './node.ts';
import { readFlow } from './plain-flow.ts';
import { beginsPlain, plainScalar, quotedEnd, quotedScalar } from './plain-scalar.ts';

/** Characters of a file at most: a rule file is written by people. */
export const MAX_CHARACTERS = 4_000_000;

const MAX_DEPTH = 50;
/** YAML allows 1024 characters. */
const LONGEST_KEY = 1000;

/**
 * The documents of a text that uses only what nearly every rule file uses: maps and lists by indentation, short `{}`
 * and `[]`, scalars on one line. Nothing for any other text, right or wrong: the YAML library then reads it, ten times
 * slower, and has the messages. What is returned is exactly what the library would have made of it.
 */
export function readPlainYaml(text: string, file: string): readonly Node[] | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  // Tabs, carriage returns and other control characters have rules of their own.
  if (/[^\P{Cc}\n]|\uFEFF/u.test(text)) return undefined;
  const cursor = lineCursor(text, file);
  const documents: Node[] = [];
  while (cursor.indent === END_OF_DOCUMENT) {
    nextLine(cursor);
    if (cursor.indent < 0) continue;
    const node = readBlock(cursor, 0);
    if (node === undefined) return undefined;
    documents.push(node);
  }
  return cursor.indent === END_OF_TEXT ? documents : undefined;
}

function readBlock(cursor: LineCursor, depth: number): Node | undefined {
  if (depth > MAX_DEPTH) return undefined;
  return isDash(cursor)
    ? readList(cursor, cursor.indent, depth)
    : readMap(cursor, cursor.indent, cursor.from, depth);
}

/** The entries at this indentation; the first key begins at `first`, behind the `- ` of a list perhaps. */
function readMap(cursor: LineCursor, indent: number, first: number, depth: number): Node | undefined {
  const place = placeAt(cursor, first, cursor.end);
  const entries: MapEntry[] = [];
  const keys = new Set<string>();
  let from = first;
  do {
    const colon = keyEnd(cursor, from);
    if (colon === undefined || colon - from > LONGEST_KEY) return undefined;
    const key = scalarOf(cursor, from, colon);
    if (key === undefined || keys.has(key.source)) return undefined;
    keys.add(key.source);
    const value = readValue(cursor, indent, colon + 1, depth);
    // A line that is indented more belongs to a text of several lines.
    if (value === undefined || cursor.indent > indent) return undefined;
    entries.push({ key: key.source, keyPlace: key.place, value });
    from = cursor.from;
  } while (cursor.indent === indent);
  return { kind: 'map', entries, place };
}

/** What stands behind a colon, or below it. */
function readValue(cursor: LineCursor, indent: number, behind: number, depth: number): Node | undefined {
  if (!endsLine(cursor, behind)) return readInline(cursor, skipSpaces(cursor, behind));
  const place = placeAt(cursor, behind, behind);
  const bare = cursor.end === behind;
  nextLine(cursor);
  if (cursor.indent > indent) return readBlock(cursor, depth + 1);
  // A list may stand as far left as the key it belongs to.
  if (cursor.indent === indent && isDash(cursor)) return readList(cursor, indent, depth + 1);
  // Behind spaces and comments the library has its own idea of where nothing stands.
  return bare ? { kind: 'scalar', value: null, source: '', quoted: false, place } : undefined;
}

function readList(cursor: LineCursor, indent: number, depth: number): Node | undefined {
  const place = placeAt(cursor, cursor.from, cursor.end);
  const items: Node[] = [];
  do {
    const from = skipSpaces(cursor, cursor.from + 1);
    if (from === cursor.end) return undefined;
    const item =
      keyEnd(cursor, from) === undefined
        ? readInline(cursor, from)
        : readMap(cursor, from - cursor.start, from, depth + 1);
    if (item === undefined || cursor.indent > indent) return undefined;
    items.push(item);
  } while (cursor.indent === indent && isDash(cursor));
  return { kind: 'list', items, place };
}

/** A value that ends with its line; goes on to the next one. */
function readInline(cursor: LineCursor, from: number): Node | undefined {
  const value = inlineValue(cursor, from);
  if (value !== undefined) nextLine(cursor);
  return value;
}

function inlineValue(cursor: LineCursor, from: number): Node | undefined {
  const { text, end } = cursor;
  const first = text.charCodeAt(from);
  if (first === 91 || first === 123) {
    const flow = readFlow(cursor, from);
    return flow === undefined || !endsLine(cursor, flow.to) ? undefined : flow.node;
  }
  if (first === 34 || first === 39) {
    const to = quotedEnd(cursor, from);
    return to === undefined || !endsLine(cursor, to) ? undefined : quotedScalar(cursor, from, to);
  }
  if (!beginsPlain(text, from)) return undefined;
  let to = from;
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 32) continue;
    if (code === 35 && text.charCodeAt(at - 1) === 32) break;
    if (code === 58 && (at + 1 === end || text.charCodeAt(at + 1) === 32)) return undefined;
    to = at + 1;
  }
  return plainScalar(cursor, from, to);
}

/** Offset of the colon behind the key that begins here; nothing if none does. */
function keyEnd(cursor: LineCursor, from: number): number | undefined {
  const { text, end } = cursor;
  const first = text.charCodeAt(from);
  let at = from;
  if (first === 34 || first === 39) {
    const to = quotedEnd(cursor, from);
    if (to === undefined || text.charCodeAt(to) !== 58) return undefined;
    at = to;
  } else if (!beginsPlain(text, from)) {
    return undefined;
  }
  for (; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 58 && (at + 1 === end || text.charCodeAt(at + 1) === 32)) {
      return text.charCodeAt(at - 1) === 32 ? undefined : at;
    }
    if (code === 35 && text.charCodeAt(at - 1) === 32) return undefined;
  }
  return undefined;
}

function scalarOf(cursor: LineCursor, from: number, to: number): ScalarNode | undefined {
  const first = cursor.text.charCodeAt(from);
  return first === 34 || first === 39 ? quotedScalar(cursor, from, to) : plainScalar(cursor, from, to);
}

function isDash({ text, from, end }: LineCursor): boolean {
  return text.charCodeAt(from) === 45 && (from + 1 === end || text.charCodeAt(from + 1) === 32);
}
