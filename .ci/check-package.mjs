// What a user gets: packs the package, installs it into an empty folder, and runs it there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'watcher-package-'));

try {
  run(root, 'npm', ['pack', '--silent', '--pack-destination', folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  run(folder, 'npm', ['init', '--yes', '--silent']);
  run(folder, 'npm', [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    join(folder, tarball),
  ]);
  const program = join(folder, 'node_modules', '.bin', 'watcher');
  const said = run(folder, program, ['--version']).trim();
  if (said !== version)
    throw new Error(`watcher --version printed '${said}', package.json says '${version}'`);
  process.stdout.write(run(folder, program, ['check']));
  console.log(`installed from ${tarball}: watcher --version and watcher check work`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Standard output of a command that must succeed. Its folder is its home, so that nothing of this user's is read. */
function run(cwd, command, args) {
  const env = { ...process.env, WATCHER_CONFIG: undefined, XDG_CONFIG_HOME: folder };
  const { status, stdout, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'pipe', 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}:\n${stdout}`);
  return stdout.toString();
}
