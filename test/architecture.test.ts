import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeKinds } from '../src/cli/rules/describe-kinds.ts';

/** Which folders of src/ each one may import from; itself is always allowed. Everything else is an error. */
const layers: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: ['lib'],
  schema: ['model', 'lib'],
  host: ['schema', 'model', 'lib'],
  conditions: ['schema', 'model', 'lib'],
  engine: ['conditions', 'model', 'lib'],
  checks: ['host', 'schema', 'model', 'lib'],
  managers: ['host', 'schema', 'model', 'lib'],
  notifiers: ['host', 'schema', 'model', 'lib'],
  repairs: ['host', 'schema', 'model', 'lib'],
  state: ['host', 'model', 'lib'],
  telemetry: ['host', 'model', 'lib'],
  config: ['checks', 'managers', 'notifiers', 'repairs', 'conditions', 'host', 'schema', 'model', 'lib'],
  control: [
    'engine',
    'state',
    'telemetry',
    'conditions',
    'checks',
    'config',
    'host',
    'schema',
    'model',
    'lib',
  ],
  agent: [
    'config',
    'control',
    'checks',
    'managers',
    'notifiers',
    'repairs',
    'conditions',
    'engine',
    'state',
    'telemetry',
    'host',
    'schema',
    'model',
    'lib',
  ],
  cli: [
    'agent',
    'config',
    'control',
    'checks',
    'managers',
    'notifiers',
    'repairs',
    'conditions',
    'engine',
    'state',
    'telemetry',
    'host',
    'schema',
    'model',
    'lib',
  ],
  'main.ts': ['cli'],
};

/** Where each third-party package may be imported from, and whether it may be loaded at start-up. */
const packages: Readonly<Record<string, { readonly folders: readonly string[]; readonly eager: boolean }>> = {
  yaml: { folders: ['schema'], eager: true },
  undici: { folders: ['host'], eager: false },
  nodemailer: { folders: ['host'], eager: false },
  'node-cron': { folders: ['host'], eager: false },
  systeminformation: { folders: ['host'], eager: false },
  'ps-list': { folders: ['host'], eager: false },
  koffi: { folders: ['host'], eager: false },
};

/** Pure folders: what they need of the world is an argument. */
const withoutNode = ['lib', 'model', 'conditions', 'engine'];

/** What only computes: paths, addresses, comparing. */
const pureNode = ['node:path', 'node:url', 'node:util'];

/**
 * What else of Node is used outside of host/, by the beginning of the file's path: these deal with files and sockets of the
 * watcher's own, which no test wants otherwise. Types count too.
 */
const nodeOutsideHost: Readonly<Record<string, readonly string[]>> = {
  // Its state, durably, and one agent for each folder.
  'state/': ['node:fs', 'node:fs/promises', 'node:net', 'node:zlib'],
  // Its own socket.
  'control/': ['node:fs', 'node:http', 'node:net'],
  // The rules.
  'config/files/': ['node:fs', 'node:fs/promises'],
  // What a command writes and reads for whoever called it.
  'cli/': ['node:fs', 'node:fs/promises', 'node:os', 'node:crypto', 'node:v8'],
  // Whether a text is an address, and the names of signals.
  'agent/doubt/uplink.ts': ['node:net'],
  // One signal to which every run under way listens.
  'agent/schedule/scheduler.ts': ['node:events'],
  'managers/': ['node:os'],
};

const longest = 300;
const medianLimit = 80;

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

interface Import {
  readonly from: string;
  readonly target: string;
  readonly types: boolean;
  readonly eager: boolean;
}

const files = filesBelow(src).filter((file) => file.endsWith('.ts'));
const imports = files.flatMap(importsOf);

describe('imports', () => {
  it('end in .ts within src, and name what exists', () => {
    const broken = imports.filter(
      ({ target }) => target.startsWith('.') || (target.startsWith('/') && !existsSync(target)),
    );
    expect(broken.map(describeImport)).toEqual([]);
  });

  it('point down only', () => {
    const wrong = imports.filter(({ from, target }) => {
      if (!target.startsWith('/')) return false;
      const [here, there] = [layerOf(from), layerOf(target)];
      return here !== there && !(layers[here] ?? []).includes(there);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('go in no circles, types included', () => {
    expect(findCircle()).toEqual([]);
  });

  it('take third-party packages only where they belong, and the heavy ones on first use', () => {
    const wrong = imports.filter(({ from, target, types, eager }) => {
      if (target.startsWith('/') || target.startsWith('node:')) return false;
      const allowed = packages[packageOf(target)];
      if (!allowed?.folders.includes(layerOf(from))) return true;
      return eager && !types && !allowed.eager;
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('leave pure folders without the world', () => {
    const wrong = imports.filter(
      ({ from, target }) => target.startsWith('node:') && withoutNode.includes(layerOf(from)),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });
});

describe('Node', () => {
  const used = imports.filter(
    ({ from, target }) =>
      target.startsWith('node:') &&
      !['host', 'main.ts'].includes(layerOf(from)) &&
      !pureNode.includes(target),
  );
  const allows = ([beginning, modules]: readonly [string, readonly string[]], { from, target }: Import) =>
    relative(src, from).startsWith(beginning) && modules.includes(target);

  it('is used outside of host/ only where the list says so', () => {
    const wrong = used.filter((one) => !Object.entries(nodeOutsideHost).some((entry) => allows(entry, one)));
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('is on that list only where it is used', () => {
    const idle = Object.entries(nodeOutsideHost).flatMap(([beginning, modules]) =>
      modules
        .filter((name) => !used.some((one) => allows([beginning, [name]], one)))
        .map((name) => [beginning, name]),
    );
    expect(idle).toEqual([]);
  });
});

describe('files', () => {
  const sizes = files
    .map((file) => ({ file: relative(root, file), lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines);

  it(`have at most ${longest} lines`, () => {
    expect(sizes.filter(({ lines }) => lines > longest)).toEqual([]);
  });

  it(`have fewer than ${medianLimit} lines in the median`, () => {
    expect(sizes[Math.floor(sizes.length / 2)]?.lines).toBeLessThan(medianLimit);
  });

  it('stand in folders of the layout', () => {
    const folders = readdirSync(src).filter((name) => !name.endsWith('.md'));
    expect(folders.filter((name) => !(name in layers))).toEqual([]);
  });

  it('export by name', () => {
    expect(files.filter((file) => /^export default\b/m.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});

const folders = { check: 'checks', manager: 'managers', notifier: 'notifiers', repair: 'repairs' } as const;

describe('every kind', () => {
  const kinds = describeKinds();

  it.each(kinds)('$family $kind has a file of its name', ({ family, kind }) => {
    expect(existsSync(join(src, folders[family], `${kind}.ts`))).toBe(true);
  });

  it.each(kinds)('$family $kind has tests', ({ family, kind }) => {
    const tests = [folders[family], 'beds']
      .flatMap((folder) => filesBelow(join(root, 'test', folder)))
      .filter((file) => /\.(test|bed)\.ts$/.test(file));
    expect(tests.filter((file) => isAbout(file, folders[family], kind)).length).toBeGreaterThan(0);
  });

  it.each(kinds)('$family $kind stands in the reference', ({ kind, summary }) => {
    expect(readFileSync(join(root, 'rules', 'README.md'), 'utf8')).toContain(
      `#### \`${kind}\`\n\n${summary}`,
    );
  });

  it.each(kinds)('$family $kind has an example', ({ example }) => {
    expect(example).not.toBe('');
  });
});

/**
 * Whether a test has the name of a kind or imports its file: a word in some text is no test. A repair is no more than the
 * name of an operation, and is tested where a manager carries that out, by a title that says so.
 */
function isAbout(file: string, folder: string, kind: string): boolean {
  if (basename(file).startsWith(`${kind}.`)) return true;
  const text = readFileSync(file, 'utf8');
  if (folder !== folders.repair) return text.includes(`/src/${folder}/${kind}.ts'`);
  return new RegExp(`^\\s*(?:describe|it)\\b[^'"\`]*['"\`].*\\b${kind}s?\\b`, 'im').test(text);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Static imports and re-exports stand at the start of a line (the formatter sees to that); `import()` anywhere. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s(?:(type\s)?[^;'"]*?\sfrom\s)?'([^']+)'/gm)) {
    found.push({
      from: file,
      target: resolve(file, match[2] ?? ''),
      types: match[1] !== undefined,
      eager: true,
    });
  }
  for (const match of text.matchAll(/(typeof\s+)?\bimport\('([^']+)'\)(\.\w+)?/g)) {
    const types = match[1] !== undefined;
    found.push({ from: file, target: resolve(file, match[2] ?? ''), types, eager: false });
  }
  return found;
}

function resolve(file: string, target: string): string {
  return target.startsWith('.') && target.endsWith('.ts') ? join(dirname(file), target) : target;
}

function layerOf(file: string): string {
  return relative(src, file).split('/')[0] ?? '';
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

function describeImport({ from, target }: Import): string {
  return `${relative(root, from)} imports ${target.startsWith('/') ? relative(root, target) : target}`;
}

/** The first circle of imports, as the files on it; depth-first. Loading on first use breaks a circle at run time, so it does not count. */
function findCircle(): string[] {
  const next = new Map<string, string[]>();
  for (const { from, target, eager, types } of imports) {
    if (target.startsWith('/') && (eager || types)) next.set(from, [...(next.get(from) ?? []), target]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const target of next.get(file) ?? []) {
      const circle = visit(target);
      if (circle.length > 0) return circle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of files) {
    const circle = visit(file);
    if (circle.length > 0) return circle.map((name) => relative(root, name));
  }
  return [];
}
