// Builds dist/: one small entry file and lazily loaded chunks. Heavy packages stay external, so that what a
// configuration does not use is never read from disk.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const bundled = new Set(['yaml', 'commander']);

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { watcher: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  minifySyntax: true,
  legalComments: 'none',
  sourcemap: true,
  metafile: true,
  external: Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !bundled.has(name)),
  define: { 'process.env.WATCHER_VERSION': JSON.stringify(version) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// Old chunks go last: an agent that runs from this folder can load its own until then, and a failed build removes nothing.
const built = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of readdirSync(join(root, 'dist'))) {
  if (!built.has(name)) rmSync(join(root, 'dist', name), { recursive: true });
}
