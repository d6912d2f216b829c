// Makes a fresh clone ready: the packages of the lock file, a current dist/, and (with --debian, as root on Debian)
// the Debian packages that tests run against. Needs nothing but Node and npm, and does nothing when nothing is missing.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** While this file is there (and says 101) a package that is installed starts no daemon; ours says which run wrote it. */
const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_MARK = '# of .ci/prepare.mjs, pid ';

requireNode();
if (!packagesMatchLock()) installPackages();
if (!distIsCurrent()) buildDist();
if (process.argv.includes('--debian')) installDebianPackages();

function requireNode() {
  const wanted = [20, 18, 1];
  const found = process.versions.node.split('.').map(Number);
  const first = wanted.findIndex((part, index) => part !== found[index]);
  if (first !== -1 && found[first] < wanted[first]) {
    fail(
      `watcher needs Node ${wanted.join('.')} or newer, and this is ${process.versions.node}. Install a newer Node and try again.`,
    );
  }
}

/** Whether node_modules holds what the lock file names (npm keeps a lock of what it installed inside node_modules). */
function packagesMatchLock() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const locked = readPackages(join(root, 'package-lock.json'));
  if (installed === undefined) return false;
  if (locked === undefined)
    fail('package-lock.json is missing or damaged. Restore it: git checkout package-lock.json');
  return Object.entries(locked).every(([path, entry]) => {
    const there = installed[path];
    // Optional packages of other platforms are in the lock file and never installed.
    if (path === '' || (there === undefined && entry.optional)) return true;
    return (
      there?.version === entry.version && there?.integrity === entry.integrity && existsSync(join(root, path))
    );
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function installPackages() {
  say('installing the npm packages of package-lock.json ...');
  const code = run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (code !== 0) {
    fail('npm ci failed; what it said stands above. Check that npm can reach its registry, then try again.');
  }
}

function distIsCurrent() {
  const entry = join(root, 'dist', 'watcher.js');
  if (!existsSync(entry)) return false;
  const sources = ['package.json', 'package-lock.json', '.ci/build.mjs', ...filesBelow('src')];
  const builtAt = statSync(entry).mtimeMs;
  return sources.every((file) => statSync(join(root, file)).mtimeMs <= builtAt);
}

/** Files and folders: a folder's own time tells of a file that was taken away. */
function filesBelow(folder) {
  return [
    folder,
    ...readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    }),
  ];
}

function buildDist() {
  say('building dist/ ...');
  if (run(process.execPath, [join(root, '.ci', 'build.mjs')]) !== 0) {
    fail('The build failed; what it said stands above.');
  }
}

/** Reads test/debian-packages: one `command package` per line; what has its command is not installed again. */
function installDebianPackages() {
  removeLeftPolicy();
  const missing = readFileSync(join(root, 'test', 'debian-packages'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/))
    .filter(([command]) => !commandExists(command));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const commands = missing.map(([command]) => command).join(', ');
  if (process.getuid?.() !== 0 || !commandExists('apt-get')) {
    say(
      `tests that need ${commands} will fail. On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`,
    );
    return;
  }
  say(`installing Debian packages that tests run against: ${packages.join(' ')} ...`);
  const code = withoutStartingDaemons(() => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    if (run('apt-get', ['update', '-qq'], env) !== 0) return 1;
    return run('apt-get', install, env);
  });
  if (code !== 0) {
    fail(
      `apt-get could not install ${packages.join(' ')}; what it said stands above. Tests that need ${commands} would fail.`,
    );
  }
}

/** A package must not start its daemon on the machine itself: /usr/sbin/policy-rc.d answering 101 forbids it (Debian policy). */
function withoutStartingDaemons(install) {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, `#!/bin/sh\n${POLICY_MARK}${process.pid}\nexit 101\n`, { mode: 0o755 });
  try {
    return install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}

/** One that an interrupted run has left behind: it would keep every daemon of this machine from being started. */
function removeLeftPolicy() {
  let text;
  try {
    text = readFileSync(POLICY, 'utf8');
  } catch {
    return;
  }
  const at = text.indexOf(POLICY_MARK);
  if (at !== -1 && !isAlive(Number.parseInt(text.slice(at + POLICY_MARK.length), 10)))
    rmSync(POLICY, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function commandExists(name) {
  return `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`.split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What the tools print goes to standard error: standard output belongs to the program that is started afterwards. */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (error) say(`could not run ${command}: ${error.message}`);
  return status ?? 1;
}

function say(text) {
  process.stderr.write(`prepare: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
