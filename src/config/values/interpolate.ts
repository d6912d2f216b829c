import { nearestWord } from '../../lib/nearest.ts';
import { speaksOfSecret } from '../../lib/secret-names.ts';
import type { ReadContext } from '../../schema/field.ts';
import type { MapNode, Node, ScalarNode, Written } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import { externalKey, hasReferences, type Reference, splitReferences } from './references.ts';

/** What a file or credential held. */
export type External =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** What references may refer to. */
export interface Scope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Answers by `externalKey`. */
  readonly external: ReadonlyMap<string, External>;
  /** Variables and parameters: they may stand for whole values. */
  readonly names: ReadonlyMap<string, Node>;
  /** Linting: what this machine's environment lacks is no problem. */
  readonly pure: boolean;
  /** Whether any file refers to anything. */
  readonly refers: boolean;
  /** The files may be a part of the rules: a name that nothing here is near to may be known elsewhere. */
  readonly partial?: boolean;
  /** How much may still be put in for references, in all files together. */
  readonly budget: Budget;
}

/** Values and characters (a hundred count as a value) that may be put in: variables of variables grow without end. */
export interface Budget {
  left: number;
}

/** Far more than people write, and read within seconds. */
export const MOST_PUT_IN = 5_000_000;

/** Values and hundreds of characters that one reference may stand for. */
const MOST_AT_ONCE = 20_000;

interface Replacement {
  readonly text: string;
  readonly secret?: string;
  readonly opaque?: true;
  readonly written?: readonly Written[];
}

/** Replaces the references of every scalar in a node. Keys are left alone; what has no references stays the same node. */
export function interpolate(node: Node, scope: Scope, context: ReadContext): Node {
  if (!scope.refers) return node;
  if (node.kind === 'scalar') {
    return typeof node.value === 'string' && hasReferences(node.value)
      ? replace(node, node.value, scope, context)
      : node;
  }
  if (!refers(node)) return node;
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item) => interpolate(item, scope, context)) };
  }
  const entries = node.entries.map((entry) => ({
    ...entry,
    value: interpolate(entry.value, scope, context),
  }));
  return { ...node, entries };
}

/** As `interpolate`, for the body of a service or check: each of its `checks` also knows its `${check}`. */
export function interpolateBody(body: MapNode, scope: Scope, context: ReadContext): MapNode {
  if (!scope.refers || !refers(body)) return body;
  const entries = body.entries.map((entry) => {
    const { key, value } = entry;
    if (key !== 'checks' || value.kind !== 'map')
      return { ...entry, value: interpolate(value, scope, context) };
    const checks = value.entries.map((check) =>
      refers(check.value)
        ? {
            ...check,
            value: interpolate(check.value, withName(scope, 'check', check.key, check.keyPlace), context),
          }
        : check,
    );
    return { ...entry, value: { ...value, entries: checks } };
  });
  return { ...body, entries };
}

/** Whether there is anything to replace in a node: in most there is not. */
function refers(node: Node): boolean {
  if (node.kind === 'scalar') return typeof node.value === 'string' && hasReferences(node.value);
  if (node.kind === 'list') return node.items.some(refers);
  return node.entries.some((entry) => refers(entry.value));
}

/** The scope with a name that is given: `${service}`, `${check}`. */
export function withName(scope: Scope, name: string, value: string, place: Place): Scope {
  if (!scope.refers) return scope;
  const node: ScalarNode = { kind: 'scalar', value, source: value, quoted: true, place };
  return { ...scope, names: new Map([...scope.names, [name, node]]) };
}

function replace(node: ScalarNode, text: string, scope: Scope, context: ReadContext): Node {
  const pieces = splitReferences(text);
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined && 'reference' in only && only.reference.type === 'name') {
    const value = scope.names.get(only.reference.name);
    // A whole value keeps its type, and its mistakes are shown where it is used.
    if (value !== undefined) {
      if (!affordable(sizeOf(value), node, scope, context)) return { ...node, opaque: true };
      return { ...value, place: node.place, ...computed(value, only.reference.name) };
    }
  }
  let joined = '';
  let secret = node.secret;
  let opaque = node.opaque;
  let failed = false;
  const written: Written[] = [];
  for (const piece of pieces) {
    if ('literal' in piece) {
      joined += piece.literal;
    } else if ('unclosed' in piece) {
      const hint = 'write $${ for the two characters themselves';
      report(context, 'unclosed-reference', "'${' has no '}'", within(node, piece.at, 2), hint);
      return { ...node, opaque: true };
    } else {
      const found = resolve(piece.reference, node, within(node, piece.at, piece.length), scope, context);
      failed ||= found === undefined;
      joined += found?.text ?? '';
      if (!affordable(sizeOfText(joined), node, scope, context)) return { ...node, opaque: true };
      secret ??= found?.secret;
      written.push(...(found?.written ?? []));
      opaque ??= found?.opaque;
    }
  }
  if (failed) return { ...node, opaque: true };
  const value = node.quoted ? joined : plainValue(joined);
  const { secret: _, opaque: __, ...rest } = node;
  return {
    ...rest,
    value,
    source: joined,
    computed: true,
    ...(secret === undefined ? {} : { secret }),
    ...(opaque === undefined ? {} : { opaque }),
    ...(written.length === 0 ? {} : { written }),
  };
}

const sizes = new WeakMap<Node, number>();

/** How much there is in a node, however often it holds the same. */
function sizeOf(node: Node): number {
  if (node.kind === 'scalar') return sizeOfText(node.source);
  const known = sizes.get(node);
  if (known !== undefined) return known;
  const parts = node.kind === 'list' ? node.items : node.entries.map(({ value }) => value);
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 1);
  sizes.set(node, size);
  return size;
}

function sizeOfText(text: string): number {
  return 1 + Math.floor(text.length / 100);
}

/** Takes it from the budget; reports it when that is spent. */
function affordable(size: number, node: ScalarNode, { budget }: Scope, context: ReadContext): boolean {
  budget.left -= size;
  if (size <= MOST_AT_ONCE && budget.left >= 0) return true;
  const message = 'what is put in here is too large: variables that stand for variables grow with each one';
  report(context, 'too-large', message, node.place, 'a rule file is written by people: let it say less');
  return false;
}

function resolve(
  reference: Reference,
  node: ScalarNode,
  place: Place,
  scope: Scope,
  context: ReadContext,
): Replacement | undefined {
  switch (reference.type) {
    case 'env':
      return fromEnvironment(reference, place, scope, context);
    case 'name':
      return fromName(reference.name, place, scope, context);
    case 'unknown': {
      const hint = 'use ${env:NAME}, ${file:PATH}, ${credential:NAME} or ${variable}; $${ is a literal ${';
      report(context, 'bad-reference', `'\${${reference.word}}' is no reference`, place, hint);
      return undefined;
    }
    default: {
      const source = `\${${reference.type}:${reference.type === 'file' ? reference.path : reference.name}}`;
      const found = scope.external.get(externalKey(reference, node) ?? '');
      if (found?.ok === true) {
        context.secret?.(found.text, source);
        return { text: found.text, secret: source };
      }
      if (scope.pure) return { text: source, secret: source, opaque: true };
      report(
        context,
        'unset-reference',
        `${source} cannot be read: ${found?.reason ?? 'it was not asked for'}`,
        place,
      );
      return undefined;
    }
  }
}

function fromEnvironment(
  reference: { readonly name: string; readonly fallback?: string },
  place: Place,
  scope: Scope,
  context: ReadContext,
): Replacement | undefined {
  const { name, fallback } = reference;
  const source = `\${env:${name}}`;
  const value = scope.env[name];
  // As in a shell, `:-` also stands in for a variable that is set to nothing.
  const text = value === undefined || (value === '' && fallback !== undefined) ? fallback : value;
  if (text !== undefined) {
    if (!speaksOfSecret(name) || text === fallback) return { text };
    context.secret?.(text, source);
    return { text, secret: source };
  }
  if (scope.pure) return { text: source, opaque: true };
  const hint = `set it for the agent, or give a default: \${env:${name}:-default}`;
  report(context, 'unset-reference', `the environment variable ${name} is not set`, place, hint);
  return undefined;
}

function fromName(name: string, place: Place, scope: Scope, context: ReadContext): Replacement | undefined {
  const node = scope.names.get(name);
  if (node?.kind === 'scalar' && node.value !== null) {
    return {
      text: node.source,
      written: writtenAs(node, name),
      ...(node.secret === undefined ? {} : { secret: node.secret }),
      ...(node.opaque === undefined ? {} : { opaque: node.opaque }),
    };
  }
  if (node !== undefined) {
    report(context, 'bad-reference', `'\${${name}}' is no single value and can only stand alone`, place);
    return undefined;
  }
  const near = nearestWord(name, scope.names.keys());
  if (near === undefined && scope.partial === true) return { text: '', opaque: true };
  const hint =
    near === undefined
      ? `write \${env:${name}} for an environment variable, $\${${name}} for the text itself`
      : `did you mean '\${${near}}'?`;
  report(context, 'unknown-variable', `there is no variable or parameter '${name}'`, place, hint);
  return undefined;
}

/** Retypes an unquoted scalar, so that `port: ${env:PORT}` is a number (YAML 1.2 core schema). */
function plainValue(text: string): ScalarNode['value'] {
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  if (/^(true|True|TRUE)$/.test(text)) return true;
  return /^(false|False|FALSE)$/.test(text) ? false : text;
}

function computed(node: Node, name: string): Pick<ScalarNode, 'computed' | 'written'> {
  if (node.kind !== 'scalar') return {};
  const written = writtenAs(node, name);
  return written.length === 0 ? { computed: true } : { computed: true, written };
}

/** Where the text of a variable or parameter was written. Names of services and checks are no text of anybody. */
function writtenAs(node: ScalarNode, name: string): readonly Written[] {
  if (name === 'service' || name === 'check' || node.secret !== undefined) return [];
  const before = node.written ?? [];
  const whole = before.some(({ text }) => text === node.source);
  return whole ? before : [...before, { text: node.source, place: node.place }];
}

/** The place of a part of a scalar; the whole scalar where its text is not what stands in the file. */
function within(node: ScalarNode, at: number, length: number): Place {
  if (node.computed === true) return node.place;
  return { ...node.place, column: node.place.column + at + (node.quoted ? 1 : 0), length };
}

function report(context: ReadContext, code: string, message: string, place: Place, hint?: string): void {
  context.report({ level: 'error', code, message, place, ...(hint === undefined ? {} : { hint }) });
}
