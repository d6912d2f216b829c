// Builds dist/. The entry file holds every command that only asks the agent, in one piece: `watcher summary` reads one
// file. What is imported on first use (the agent, the loader) becomes files of their own with shared chunks, and heavy
// packages stay outside, so that what a configuration does not use is never read from disk.
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  minifySyntax: true,
  legalComments: 'none',
  sourcemap: true,
  metafile: true,
  external: Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => name !== 'yaml'),
  define: { 'process.env.WATCHER_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
};

/** Files that the entry file imports on first use, by the name of what becomes of them. */
const later = new Map();

const cutDynamicImports = {
  name: 'cut dynamic imports',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const name = `lazy-${basename(path, '.ts')}`;
      const file = resolve(resolveDir, path);
      const other = later.get(name);
      if (other !== undefined && other !== file)
        throw new Error(`${other} and ${file} would both be built as ${name}.js: rename one of them`);
      later.set(name, file);
      return { path: `./${name}.js`, external: true };
    });
  },
};

const entry = await build({
  ...shared,
  entryPoints: { watcher: 'src/main.ts' },
  plugins: [cutDynamicImports],
});
const rest = await build({
  ...shared,
  entryPoints: Object.fromEntries(later),
  splitting: true,
  chunkNames: 'chunk-[hash]',
  // `yaml` is bundled and asks for a module of Node by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

chmodSync(join(root, 'dist', 'watcher.js'), 0o755);

// Old chunks go last: an agent that runs from this folder can load its own until then, and a failed build removes nothing.
const built = new Set(
  [entry, rest].flatMap(({ metafile }) => Object.keys(metafile.outputs).map((path) => basename(path))),
);
for (const name of readdirSync(join(root, 'dist'))) {
  if (!built.has(name)) rmSync(join(root, 'dist', name), { recursive: true });
}
