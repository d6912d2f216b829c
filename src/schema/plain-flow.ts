import { type LineCursor, placeAt, skipSpaces } from './line-cursor.ts';
import type { MapEntry, Node, ScalarNode } from './node.ts';
import { beginsPlain, plainScalar, quotedEnd, quotedScalar } from './plain-scalar.ts';

/** A value and the offset after it. */
export interface FlowValue<N extends Node = Node> {
  readonly node: N;
  readonly to: number;
}

const MAX_DEPTH = 20;

/** `[...]` or `{...}` on one line; nothing for whatever is not in everyday use. */
export function readFlow(cursor: LineCursor, from: number, depth = 0): FlowValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  return cursor.text.charCodeAt(from) === 91
    ? readFlowList(cursor, from, depth)
    : readFlowMap(cursor, from, depth);
}

function readFlowList(cursor: LineCursor, from: number, depth: number): FlowValue | undefined {
  const { text } = cursor;
  const items: Node[] = [];
  let at = skipSpaces(cursor, from + 1);
  if (text.charCodeAt(at) !== 93) {
    for (;;) {
      const item = readFlowValue(cursor, at, depth);
      if (item === undefined) return undefined;
      items.push(item.node);
      at = skipSpaces(cursor, item.to);
      const code = text.charCodeAt(at);
      if (code === 93) break;
      if (code !== 44) return undefined;
      at = skipSpaces(cursor, at + 1);
    }
  }
  return { node: { kind: 'list', items, place: placeAt(cursor, from, at + 1) }, to: at + 1 };
}

function readFlowMap(cursor: LineCursor, from: number, depth: number): FlowValue | undefined {
  const { text } = cursor;
  const entries: MapEntry[] = [];
  let at = skipSpaces(cursor, from + 1);
  if (text.charCodeAt(at) !== 125) {
    for (;;) {
      const key = readFlowScalar(cursor, at);
      if (key === undefined) return undefined;
      const { source, place } = key.node;
      if (text.charCodeAt(key.to) !== 58 || text.charCodeAt(key.to + 1) !== 32) return undefined;
      if (entries.some((entry) => entry.key === source)) return undefined;
      const value = readFlowValue(cursor, skipSpaces(cursor, key.to + 1), depth);
      if (value === undefined) return undefined;
      entries.push({ key: source, keyPlace: place, value: value.node });
      at = skipSpaces(cursor, value.to);
      const code = text.charCodeAt(at);
      if (code === 125) break;
      if (code !== 44) return undefined;
      at = skipSpaces(cursor, at + 1);
    }
  }
  return { node: { kind: 'map', entries, place: placeAt(cursor, from, at + 1) }, to: at + 1 };
}

function readFlowValue(cursor: LineCursor, from: number, depth: number): FlowValue | undefined {
  const code = cursor.text.charCodeAt(from);
  return code === 91 || code === 123 ? readFlow(cursor, from, depth + 1) : readFlowScalar(cursor, from);
}

function readFlowScalar(cursor: LineCursor, from: number): FlowValue<ScalarNode> | undefined {
  const { text, end } = cursor;
  if (from >= end) return undefined;
  const first = text.charCodeAt(from);
  if (first === 34 || first === 39) {
    const to = quotedEnd(cursor, from);
    return to === undefined ? undefined : { node: quotedScalar(cursor, from, to), to };
  }
  if (!beginsPlain(text, from)) return undefined;
  let to = from;
  for (let at = from; ; at += 1) {
    // It goes on in the next line.
    if (at >= end) return undefined;
    const code = text.charCodeAt(at);
    if (code === 44 || code === 93 || code === 125) break;
    if (code === 91 || code === 123) return undefined;
    if (code === 58 && ' ,[]{}'.includes(text.charAt(at + 1))) break;
    if (code === 35 && text.charCodeAt(at - 1) === 32) return undefined;
    if (code !== 32) to = at + 1;
  }
  const node = plainScalar(cursor, from, to);
  return node === undefined ? undefined : { node, to };
}
