import { LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import type { Node } from './node.ts';
import type { Place } from './place.ts';
import { MAX_CHARACTERS } from './plain-yaml.ts';
import type { Problem } from './problem.ts';
import { toNode } from './yaml-node.ts';

/** What a file holds: its documents that could be read, and everything wrong with its syntax. */
export interface Parsed {
  /** Empty documents are left out, and so are those with errors. */
  readonly documents: readonly Node[];
  readonly problems: readonly Problem[];
}

/**
 * Reads, with the library, YAML 1.2 with anchors, merge keys (`<<`) and several documents into nodes that know where they stand.
 * Syntax errors, duplicate keys, tags and aliases that grow without bound are problems; nothing is thrown.
 */
export function parseYaml(text: string, file: string): Parsed {
  const start: Place = { file, line: 1, column: 1, length: 1 };
  if (text.length > MAX_CHARACTERS) {
    const message = `the file is longer than ${MAX_CHARACTERS} characters`;
    return { documents: [], problems: [{ level: 'error', code: 'too-large', message, place: start }] };
  }
  const unreadable = /[\0\uFFFD]/.exec(text);
  if (unreadable !== null) {
    const message = 'the file is not UTF-8 text';
    const place = placeIn(text, file, unreadable.index);
    return { documents: [], problems: [{ level: 'error', code: 'not-text', message, place }] };
  }
  try {
    return parseText(text, file);
  } catch (error) {
    // The parser recurses: a file of ten thousand brackets ends its stack.
    if (!(error instanceof RangeError)) throw error;
    const message = 'the file is nested too deeply';
    return { documents: [], problems: [{ level: 'error', code: 'too-deep', message, place: start }] };
  }
}

function parseText(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    // Duplicates are found when nodes are made, where both places are known.
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  const place = (from: number, to: number): Place => {
    const { line, col } = lines.linePos(Math.min(from, text.length));
    const newline = text.indexOf('\n', from);
    const lineEnd = newline === -1 ? text.length : newline;
    return {
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      length: Math.max(1, Math.min(to, lineEnd) - from),
    };
  };
  const documents: Node[] = [];
  const problems: Problem[] = [];
  for (const document of 'empty' in parsed ? [] : parsed) {
    const wrong = [...withoutFollowing(document.errors), ...document.warnings];
    problems.push(...wrong.map((error) => syntaxProblem(error, place, text)));
    if (wrong.length > 0 || document.contents === null) continue;
    const made = toNode(document.contents, text, place);
    problems.push(...made.problems);
    const { node } = made;
    if (node !== undefined && !(node.kind === 'scalar' && node.value === null)) documents.push(node);
  }
  return { documents, problems };
}

function syntaxProblem(error: YAMLError, place: (from: number, to: number) => Place, text: string): Problem {
  const [from, to] = error.pos;
  const hint = syntaxHint(error, text);
  return {
    level: 'error',
    code: error.code === 'TAG_RESOLVE_FAILED' ? 'yaml-tag' : 'yaml-syntax',
    message: syntaxMessage(error, text),
    place: place(from, to),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Once something is where YAML has no place for it, it complains of all that follows up to the end. */
function withoutFollowing(errors: readonly YAMLError[]): readonly YAMLError[] {
  const first = errors.findIndex(({ code }) => code === 'UNEXPECTED_TOKEN');
  return errors.filter(({ code }, index) => code !== 'UNEXPECTED_TOKEN' || index === first);
}

/** What a reference that is not in quotes looks like to YAML within braces. */
function bareReference({ code, pos }: YAMLError, text: string): string | undefined {
  const [from] = pos;
  if (code !== 'UNEXPECTED_TOKEN' || text.charAt(from) !== '{' || text.charAt(from - 1) !== '$')
    return undefined;
  return /^\$\{[^}\n]*\}?/.exec(text.slice(from - 1))?.[0];
}

function syntaxMessage(error: YAMLError, text: string): string {
  switch (error.code) {
    case 'TAG_RESOLVE_FAILED':
      return 'tags (!...) have no meaning here';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return "a second ': ' on this line makes no sense to YAML";
    case 'TAB_AS_INDENT':
      return 'YAML does not allow tabs as indentation';
    case 'UNEXPECTED_TOKEN': {
      if (bareReference(error, text) !== undefined) return 'between { } and [ ], a reference needs quotes';
      const [line = ''] = text
        .slice(...error.pos)
        .trim()
        .split('\n');
      return line === '' ? lower(error.message) : `YAML does not expect '${line.slice(0, 40)}' here`;
    }
    case 'MISSING_CHAR':
      return error.message.startsWith('Missing closing')
        ? 'the text in quotes that begins above is never closed'
        : lower(error.message);
    case 'BAD_INDENT':
      return error.message.startsWith('Flow ')
        ? 'the [ or { that is open here is not closed, or this line is not indented below it'
        : lower(error.message);
    default:
      return lower(error.message);
  }
}

function syntaxHint(error: YAMLError, text: string): string | undefined {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'put the value in quotes, or the nested key on a line of its own';
    case 'TAB_AS_INDENT':
      return 'use spaces';
    case 'UNEXPECTED_TOKEN': {
      const reference = bareReference(error, text);
      return reference === undefined ? undefined : `write "${reference}"`;
    }
    case 'BAD_SCALAR_START':
      return 'put the value in quotes';
    case 'TAG_RESOLVE_FAILED':
      return `leave out ${text.slice(error.pos[0], error.pos[1])}, or put the value in quotes`;
    default:
      return undefined;
  }
}

function lower(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}

function placeIn(text: string, file: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { file, line, column: offset - before.lastIndexOf('\n'), length: 1 };
}
