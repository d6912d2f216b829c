// `npm run bench [-- NAME...]`: bundles the benchmarks and runs those named (all but the soak without a name), each in a
// process of its own below a reaper, so that what the tools leave behind is collected as an init would.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const all = readdirSync(`${root}test/bench`)
  .filter((name) => name.endsWith('.bench.ts'))
  .map((name) => name.slice(0, -'.bench.ts'.length))
  .sort();
const words = process.argv.slice(2);
const named = words.filter((word) => all.includes(word));
const unknown = words.filter((word) => /^[a-z]/.test(word) && !all.includes(word) && !/^\d/.test(word));
if (unknown.length > 0) {
  console.error(`no benchmark called ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  process.exit(64);
}
const wanted = named.length > 0 ? named : all.filter((name) => name !== 'soak');
// Not in dist/: a build in the middle of a run would remove it.
const out = mkdtempSync(join(tmpdir(), 'watcher-bench-build-'));
symlinkSync(`${root}node_modules`, `${out}/node_modules`);
await build({
  absWorkingDir: root,
  entryPoints: wanted.map((name) => `test/bench/${name}.bench.ts`),
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  packages: 'external',
  logLevel: 'warning',
  outExtension: { '.js': '.mjs' },
  footer: { js: 'await bench({ root: process.argv[2], words: process.argv.slice(3) }); process.exit(0);' },
});
try {
  for (const name of ['reaper', 'service']) {
    execFileSync('gcc', ['-O2', '-static', '-o', `${out}/${name}`, `${root}test/bench/${name}.c`]);
  }
} catch {
  console.error('The benchmarks need a C compiler for their watched service: apt-get install gcc libc6-dev');
  rmSync(out, { recursive: true, force: true });
  process.exit(69);
}
// An interrupt ends the benchmark below, and then, in order, this.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
let failed = 0;
for (const name of wanted) {
  const options = words.filter((word) => !all.includes(word));
  const { status } = spawnSync(
    `${out}/reaper`,
    [process.execPath, `${out}/${name}.bench.mjs`, root, ...options],
    { stdio: 'inherit', env: { ...process.env, TMPDIR: out } },
  );
  if (status === 0) continue;
  failed = 1;
  if (status === null || status > 128) break;
}
rmSync(out, { recursive: true, force: true });
process.exit(failed);
