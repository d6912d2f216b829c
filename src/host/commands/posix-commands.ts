import { constants as access, accessSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { loadedPidfdLibrary, type PidfdLibrary } from '../deaths/pidfd-library.ts';
import { type Koffi, loadedKoffi } from '../packages/load-koffi.ts';
import { type Launched, type PosixSpawnLibrary, posixSpawnLibrary } from './posix-spawn-library.ts';
import type { StartedCommand } from './started-command.ts';

export interface PosixCommand {
  /** Path, or name that is looked up in the `PATH` of `env`. */
  readonly program: string;
  /** All words, the program's own name first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

interface Libraries {
  readonly spawn: PosixSpawnLibrary;
  readonly pidfd: PidfdLibrary;
}

/** Milliseconds between two looks at a child that the kernel cannot tell about (out of descriptors). */
const LOOK_EVERY = 20;

let libraries: { readonly of: Koffi; readonly use: Libraries | undefined } | undefined;

/** A command that was started, and that nobody listens to yet. */
export interface LaunchedCommand {
  readonly pid: number;
  /** To be called once. */
  follow(): StartedCommand;
}

/**
 * Starts a command in a tenth of the time that Node takes. Undefined where that is not possible (the optional package is
 * missing or not loaded yet) or where it failed: Node's own way then knows best why.
 */
export function launchPosixCommand(command: PosixCommand): LaunchedCommand | undefined {
  const use = librariesHere();
  const path = use && findProgram(command.program, command.env['PATH'] ?? '');
  if (use === undefined || path === undefined) return undefined;
  const env = Object.entries(command.env).map(([name, value]) => `${name}=${value}`);
  const launched = use.spawn.start({ path, argv: command.argv, env, cwd: command.cwd });
  if (typeof launched === 'number') return undefined;
  return { pid: launched.pid, follow: () => follow(launched, use) };
}

/** Makes the quick way ready: the first command, which may be a repair, does not pay for it then. */
export function preparePosixCommands(): void {
  librariesHere();
}

function librariesHere(): Libraries | undefined {
  const koffi = loadedKoffi();
  if (koffi === undefined || process.platform !== 'linux') return undefined;
  if (libraries?.of !== koffi) {
    const spawn = posixSpawnLibrary(koffi);
    const pidfd = loadedPidfdLibrary();
    libraries = { of: koffi, use: spawn && pidfd && { spawn, pidfd } };
  }
  return libraries.use;
}

function findProgram(program: string, path: string): string | undefined {
  if (program.includes('/')) return program;
  return path
    .split(':')
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, access.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function follow(launched: Launched, { spawn, pidfd }: Libraries): StartedCommand {
  const { pid } = launched;
  const stdout = pipe(launched.stdout);
  const stderr = pipe(launched.stderr);
  const exits: ((code: number | null, signal: string | null) => void)[] = [];
  const closes: (() => void)[] = [];
  let open = 3;
  const closed = (): void => {
    open -= 1;
    if (open === 0) for (const run of closes) run();
  };
  stdout.on('close', closed);
  stderr.on('close', closed);

  const look = (): boolean => {
    const end = spawn.collect(pid);
    if (end === undefined) return false;
    const signal = end.signal === null ? null : signalName(end.signal);
    for (const run of exits) run(end.code, signal);
    closed();
    return true;
  };
  const unref = whenEnded(pid, pidfd, look);
  return {
    pid,
    stdin: null,
    stdout,
    stderr,
    onExit: (run) => void exits.push(run),
    onClose: (run) => void closes.push(run),
    unref,
  };
}

/** Calls `look` when the child has ended, until it says that it has; returns the way to let the watcher end before it. */
function whenEnded(pid: number, pidfd: PidfdLibrary, look: () => boolean): () => void {
  // Our own child keeps its number until we have collected it.
  const descriptor = pidfd.open(pid);
  const handle =
    typeof descriptor === 'number'
      ? pidfd.whenReadable(descriptor, () => {
          if (look()) handle?.close();
        })
      : undefined;
  if (handle !== undefined) {
    handle.ref();
    return () => handle.unref();
  }
  const timer = setInterval(() => {
    if (look()) clearInterval(timer);
  }, LOOK_EVERY);
  return () => timer.unref();
}

function pipe(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}
