import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A command that runs, whoever started it. It leads a session and process group of its own number. */
export interface StartedCommand {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Calls back when it has ended: its exit code, or the name of the signal (`SIGKILL`). */
  onExit(run: (code: number | null, signal: string | null) => void): void;
  /** Calls back when it has ended and nobody holds its outputs any more. */
  onClose(run: () => void): void;
  /** From now on the watcher may end before it. */
  unref(): void;
}

/** A child started by Node itself. */
export function nodeCommand(child: ChildProcess, pid: number): StartedCommand {
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    onExit: (run) => void child.on('exit', run),
    onClose: (run) => void child.on('close', run),
    unref: () => child.unref(),
  };
}
