import { dirname, join } from 'node:path';
import { mismatch } from '../../schema/fields/mismatch.ts';
import type { MapNode, Node, ScalarNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import type { Problem } from '../../schema/problem.ts';
import { readYaml } from '../../schema/read-yaml.ts';
import { interpolate, MOST_PUT_IN } from '../values/interpolate.ts';
import { globBase } from './glob-pattern.ts';
import { writableByOthers } from './permissions.ts';
import type { RuleFileFacts, RuleFiles, RuleText } from './rule-files.ts';

/** A text that stands in for a file, such as the embedded default. */
export interface RuleSource {
  readonly file: string;
  readonly text: string;
}

export interface Gathering {
  readonly entries: readonly string[];
  readonly embedded: readonly RuleSource[];
  readonly files: RuleFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Absent: owners and permissions are not looked at. */
  readonly uid?: number;
}

/** Files that are read at once. */
const AT_ONCE = 64;

/** All documents of all files that belong to a configuration, in order: first the named ones, then what they include. */
export interface Gathered {
  readonly documents: readonly MapNode[];
  readonly sources: ReadonlyMap<string, string>;
  readonly files: readonly string[];
  /** Folders in which a new file would belong to the configuration. */
  readonly folders: readonly string[];
  readonly facts: ReadonlyMap<string, RuleFileFacts>;
  readonly problems: readonly Problem[];
  /** Something could not be read, so that what seems to be missing may be in there. */
  readonly broken: boolean;
}

interface Collected {
  readonly documents: MapNode[];
  readonly sources: Map<string, string>;
  readonly facts: Map<string, RuleFileFacts>;
  readonly folders: Set<string>;
  readonly problems: Problem[];
  broken: boolean;
}

/** Reads the files and everything they include (`rules:` and `include:`, sorted by path, each file once). */
export async function gather(gathering: Gathering): Promise<Gathered> {
  const collected: Collected = {
    documents: [],
    sources: new Map(),
    facts: new Map(),
    folders: new Set(),
    problems: [],
    broken: false,
  };
  const wanted: { readonly file: string; readonly place?: Place }[] = [];
  for (const { file, text } of gathering.embedded) {
    for (const included of await take(file, text, collected, gathering)) wanted.push(included);
  }
  wanted.push(...gathering.entries.map((file) => ({ file })));
  const asked = new Set(collected.sources.keys());
  while (wanted.length > 0) {
    // A wave of files at once, so that a thousand of them do not wait for one another.
    const wave = wanted.splice(0, AT_ONCE).filter(({ file }) => !asked.has(file) && asked.add(file));
    const read = await Promise.all(wave.map(({ file }) => readFile(file, gathering)));
    for (const [index, { file, place }] of wave.entries()) {
      const text = keep(file, place, read[index], collected, gathering);
      if (text !== undefined) wanted.push(...(await take(file, text, collected, gathering)));
    }
  }
  const { documents, sources, facts, problems, broken } = collected;
  const embedded = new Set(gathering.embedded.map(({ file }) => file));
  const files = [...sources.keys()].filter((file) => !embedded.has(file));
  return { documents, sources, facts, problems, broken, files, folders: [...collected.folders] };
}

interface Read {
  readonly text: RuleText;
  readonly facts: RuleFileFacts | undefined;
}

async function readFile(file: string, { files, uid }: Gathering): Promise<Read> {
  const text = await files.read(file);
  if (uid === undefined || !text.ok) return { text, facts: undefined };
  // Of the file that was read, not of what lies there by now.
  return { text, facts: text.facts ?? (await files.stat(file)) };
}

/** Writes down what was read; undefined when it cannot be used. */
function keep(
  file: string,
  place: Place | undefined,
  read: Read | undefined,
  collected: Collected,
  { uid }: Gathering,
): string | undefined {
  if (read === undefined) return undefined;
  const { text, facts } = read;
  if (!text.ok) {
    collected.broken = true;
    collected.problems.push({
      level: 'error',
      code: 'unreadable-file',
      message: `cannot read ${file}: ${text.reason}`,
      ...(place === undefined ? {} : { place }),
    });
    return undefined;
  }
  if (uid !== undefined && facts !== undefined) {
    collected.facts.set(file, facts);
    const problem = writableByOthers(file, facts, uid);
    if (problem !== undefined) collected.problems.push(problem);
  }
  return text.text;
}

/** Parses a text and returns the files it includes. */
async function take(
  file: string,
  text: string,
  collected: Collected,
  gathering: Gathering,
): Promise<readonly { readonly file: string; readonly place: Place }[]> {
  collected.sources.set(file, text);
  const { documents, problems } = await readYaml(text, file);
  if (problems.length > 0) collected.broken = true;
  collected.problems.push(...problems);
  const included: { readonly file: string; readonly place: Place }[] = [];
  for (const document of documents) {
    if (document.kind !== 'map') {
      collected.problems.push({
        level: 'error',
        code: 'wrong-type',
        message: 'a rule file holds a map of settings, such as service: api',
        place: document.place,
      });
      continue;
    }
    collected.documents.push(document);
    for (const pattern of patternsOf(document, collected, gathering)) {
      included.push(...(await expand(pattern, file, collected, gathering)));
    }
  }
  return included;
}

function patternsOf(document: MapNode, collected: Collected, gathering: Gathering): readonly ScalarNode[] {
  const written = document.entries.filter(({ key }) => key === 'rules' || key === 'include');
  if (written.length === 0) return [];
  const budget = { left: MOST_PUT_IN };
  const scope = {
    env: gathering.env,
    external: new Map(),
    names: new Map(),
    pure: false,
    refers: true,
    budget,
  };
  const context = { report: (problem: Problem) => void collected.problems.push(problem) };
  return written.flatMap((entry) => {
    const { key } = entry;
    const node = interpolate(entry.value, scope, context);
    const items: readonly Node[] = node.kind === 'list' ? node.items : [node];
    return items.flatMap((item) => {
      if (item.kind === 'scalar' && typeof item.value === 'string') return item.opaque === true ? [] : [item];
      const expected = 'a file or a pattern such as ./rules/*.yaml, or a list of them';
      return mismatch({ ...context, name: key }, item, { code: 'wrong-type', expected }) ?? [];
    });
  });
}

async function expand(pattern: ScalarNode, file: string, collected: Collected, { files, home }: Gathering) {
  const text = String(pattern.value);
  const rooted = text.startsWith('~/') ? home + text.slice(1) : text;
  const path = rooted.startsWith('/') ? rooted : join(dirname(file), rooted);
  const { folder, wild } = globBase(path);
  collected.folders.add(folder);
  const found = await files.glob(path);
  if (found.length === 0) {
    if (!wild) collected.broken = true;
    const isFolder = !wild && (await files.glob(join(path, '*'))).length > 0;
    collected.problems.push({
      level: wild ? 'warning' : 'error',
      code: wild ? 'empty-include' : 'unreadable-file',
      message: wild
        ? `no file matches ${path}`
        : isFolder
          ? `${path} is a folder`
          : `there is no file ${path}`,
      place: pattern.place,
      ...(isFolder && { hint: `write: ${join(text, '*.yaml')}` }),
    });
  }
  return found.map((one) => ({ file: one, place: pattern.place }));
}
