import { dirname, join } from 'node:path';
import type { Node, ScalarNode } from '../../schema/node.ts';

/** `${env:NAME:-default}` taken apart. `name`: a variable or a parameter of a template. */
export type Reference =
  | { readonly type: 'env'; readonly name: string; readonly fallback?: string }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'credential'; readonly name: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'unknown'; readonly word: string };

/** Pieces of a text: literal ones, and references with where they stand in it. */
export type Piece =
  | { readonly literal: string }
  | { readonly reference: Reference; readonly at: number; readonly length: number }
  | { readonly unclosed: true; readonly at: number };

/** Whether there is anything to replace. */
export function hasReferences(text: string): boolean {
  return text.includes('${') || text.includes('$$');
}

/** Takes a text apart: `${...}` are references, `$$` is a `$`, any other `$` is itself. */
export function splitReferences(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', at)) {
    const next = text.charAt(at + 1);
    if (next === '$') {
      pieces.push({ literal: text.slice(from, at + 1) });
      at += 2;
      from = at;
    } else if (next === '{') {
      const end = text.indexOf('}', at);
      if (end === -1) return [...pieces, { unclosed: true, at }];
      pieces.push({ literal: text.slice(from, at) });
      const reference = parseReference(text.slice(at + 2, end));
      pieces.push({ reference, at, length: end + 1 - at });
      at = end + 1;
      from = at;
    } else {
      at += 1;
    }
  }
  pieces.push({ literal: text.slice(from) });
  return pieces.filter((piece) => !('literal' in piece) || piece.literal !== '');
}

/** All files and credentials that a document refers to, as keys of `External` answers. */
export function externalReferences(node: Node, found: Map<string, Reference>): void {
  if (node.kind === 'list') {
    for (const item of node.items) externalReferences(item, found);
  } else if (node.kind === 'map') {
    for (const entry of node.entries) externalReferences(entry.value, found);
  } else if (typeof node.value === 'string' && node.value.includes('${')) {
    for (const piece of splitReferences(node.value)) {
      if (!('reference' in piece)) continue;
      const key = externalKey(piece.reference, node);
      if (key !== undefined) found.set(key, piece.reference);
    }
  }
}

/** What a file or credential is known by: `file:/etc/key` (relative paths start at the rule file's folder). */
export function externalKey(reference: Reference, node: ScalarNode): string | undefined {
  if (reference.type === 'credential') return `credential:${reference.name}`;
  if (reference.type !== 'file') return undefined;
  const { path } = reference;
  return `file:${path.startsWith('/') ? path : join(dirname(node.place.file), path)}`;
}

function parseReference(body: string): Reference {
  const [, kind, rest] = /^(env|file|credential):(.*)$/s.exec(body) ?? [];
  // The first } ends it: one within another would be taken apart in the wrong place.
  if (rest?.includes('${')) return { type: 'unknown', word: body };
  if (rest !== undefined && rest !== '') {
    if (kind === 'file') return { type: 'file', path: rest.trim() };
    if (kind === 'credential' && /^[\w.@-]+$/.test(rest)) return { type: 'credential', name: rest };
    const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(rest) ?? [];
    if (kind === 'env' && name !== undefined) {
      return fallback === undefined ? { type: 'env', name } : { type: 'env', name, fallback };
    }
  }
  return /^[A-Za-z_][\w-]*$/.test(body) ? { type: 'name', name: body } : { type: 'unknown', word: body };
}
