import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { type Answered, refusal } from './answered.ts';

/** Longest path of a unix socket on Linux: 108 bytes with the closing zero (unix(7)). */
const LONGEST_PATH = 107;

/**
 * Puts a listening server at the path: mode 0600 before anybody can find it, in a folder of mode 0700 where we make it. The
 * socket that a dead agent left is replaced; a living agent's, a file that is no socket and one of somebody else are refused.
 * The value takes the socket away again, if it is still this one.
 */
export async function claimSocket(server: Server, path: string): Promise<Answered<() => void>> {
  const folder = dirname(path);
  // The server is bound in a private folder beside the final place, made safe, and renamed into place: never half there.
  if (
    Buffer.byteLength(join(folder, '.new-XXXXXX', 's')) > LONGEST_PATH ||
    Buffer.byteLength(path) > LONGEST_PATH
  ) {
    return unusable(path, `its path is too long: a unix socket's may have ${LONGEST_PATH} bytes`);
  }
  let bound: string | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unsafe = writableByOthers(folder);
    if (unsafe !== undefined) return unusable(path, unsafe);
    const taken = await inTheWay(path);
    if (taken !== undefined) return taken;
    const nest = mkdtempSync(join(folder, '.new-'));
    bound = join(nest, 's');
    await listen(server, bound);
    chmodSync(bound, 0o600);
    const { ino, dev } = lstatSync(bound);
    renameSync(bound, path);
    rmdirSync(nest);
    return { ok: true, value: () => removeOwn(path, ino, dev) };
  } catch (error) {
    if (bound !== undefined) rmSync(dirname(bound), { recursive: true, force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    const forbidden = code === 'EACCES' || code === 'EPERM';
    const failed = unusable(path, forbidden ? 'permission denied' : (message ?? String(error)));
    return forbidden ? { ...failed, failure: { ...failed.failure, code: 'forbidden' } } : failed;
  }
}

async function inTheWay(path: string): Promise<ReturnType<typeof refusal> | undefined> {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  if (!facts.isSocket()) {
    return refusal(
      'socket-in-use',
      `${path} is there already and is not a socket`,
      "move it away, or set 'socket' in watcher.yaml to another path",
    );
  }
  if (facts.uid !== process.getuid?.()) {
    return refusal(
      'forbidden',
      `the socket ${path} belongs to another user (uid ${facts.uid})`,
      "run the agent as that user, or set 'socket' in watcher.yaml to another path",
    );
  }
  if (await answers(path)) {
    return refusal(
      'socket-in-use',
      `another agent is already listening on ${path}`,
      "stop that one first ('watcher quit'), or set 'socket' in watcher.yaml to another path",
    );
  }
  return undefined;
}

/** Whether somebody accepts connections there; a socket whose process died refuses them. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function writableByOthers(folder: string): string | undefined {
  const { mode } = lstatFollowing(folder);
  const othersMayWrite = (mode & 0o022) !== 0;
  const sticky = (mode & 0o1000) !== 0;
  return othersMayWrite && !sticky ? `others may write in ${folder} and could replace the socket` : undefined;
}

function lstatFollowing(folder: string): Stats {
  return lstatSync(`${folder}/.`);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function removeOwn(path: string, ino: number, dev: number): void {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts?.ino === ino && facts.dev === dev) rmSync(path, { force: true });
}

function unusable(path: string, why: string) {
  return refusal(
    'socket-unusable',
    `cannot make the control socket ${path}: ${why}`,
    "set 'socket' in watcher.yaml to a path in a folder that only this user may write",
  );
}
