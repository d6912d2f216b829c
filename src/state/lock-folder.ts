import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ProcessIdentity } from '../model/manager.ts';

/** How the lock knows who holds it: this process, and whether another one still lives. */
export interface LockOwner {
  readonly identity: ProcessIdentity;
  alive(identity: ProcessIdentity): boolean;
}

export type FolderLock =
  | { readonly ok: true; release(): void }
  /** Somebody else holds it; `pid` where it left its number. */
  | { readonly ok: false; readonly pid?: number };

/** A socket in the folder, where only its owner can make one, and only he may connect to it. */
export const LOCK = 'agent.lock';

/**
 * Takes the state folder for this process alone. On Linux by binding an abstract unix socket named after the folder's
 * device and inode (unix(7)): it cannot race, and the kernel lets go of it however the process ends. But anybody on the
 * machine may take such a name: whoever holds it counts only while somebody listens on the socket `agent.lock` in the folder
 * too, or where none can be made there. The file `agent.pid` says who holds it; where there are no abstract sockets it alone
 * is the lock, by PID and start time.
 */
export async function lockFolder(folder: string, owner: LockOwner): Promise<FolderLock> {
  const file = join(folder, 'agent.pid');
  const linux = process.platform === 'linux';
  const socket = linux ? await bindAbstract(folder) : undefined;
  const holder = readHolder(file);
  const held = holder !== undefined && !same(holder, owner.identity) && owner.alive(holder);
  const own = linux && !held ? await bindWithin(folder) : undefined;
  if (held || own === 'taken' || (socket === 'taken' && own === undefined)) {
    if (typeof socket === 'object') socket.close();
    if (typeof own === 'object') own.close();
    return held ? { ok: false, pid: holder.pid } : { ok: false };
  }
  try {
    writeFileSync(file, `${JSON.stringify(owner.identity)}\n`, { mode: 0o600 });
  } catch {
    // A full or read-only disk: the socket alone holds the lock.
  }
  return {
    ok: true,
    release() {
      const current = readHolder(file);
      if (current !== undefined && same(current, owner.identity)) rmSync(file, { force: true });
      if (typeof socket === 'object') socket.close();
      own?.close();
    },
  };
}

/** `undefined` where the kernel refuses abstract sockets for another reason than that the name is taken. */
function bindAbstract(folder: string): Promise<Server | 'taken' | undefined> {
  const { dev, ino } = statSync(folder);
  return bind(`\0watcher-state-${dev}-${ino}`);
}

/** The socket in the folder; `undefined` where none can be made (a full or read-only disk, a path that is too long). */
async function bindWithin(folder: string): Promise<Server | 'taken' | undefined> {
  const path = join(folder, LOCK);
  const bound = await bind(path);
  if (bound !== 'taken') return bound;
  if (await answers(path)) return 'taken';
  try {
    // Left behind by one that was killed.
    rmSync(path, { force: true });
  } catch {
    return undefined;
  }
  return await bind(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}

async function bind(name: string): Promise<Server | 'taken' | undefined> {
  const server = createServer((connection) => connection.destroy());
  return await new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'taken' : undefined),
    );
    server.listen(name, () => {
      server.unref();
      if (!name.startsWith('\0')) chmodSync(name, 0o600);
      resolve(server);
    });
  });
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, start } = value as { pid?: unknown; start?: unknown };
    return typeof pid === 'number' && typeof start === 'number' ? { pid, start } : undefined;
  } catch {
    return undefined;
  }
}

function same(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.start === b.start;
}
