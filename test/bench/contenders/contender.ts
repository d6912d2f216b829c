import { type ChildProcess, spawn } from 'node:child_process';
import { logFile, type Yard } from '../service.ts';

/** A tool that keeps stamped services running. */
export interface Contender {
  readonly name: string;
  /** Whether it owns (is the parent of) what it restarts. */
  readonly owns: boolean;
  /** Why it cannot take part here, or nothing. */
  absent(): string | undefined;
  version(): string;
  /** Brings `count` services up and keeps them up until closed. */
  up(yard: Yard, count: number): Promise<Running>;
}

export interface Running {
  /** PID of the tool itself, for its memory and processor time. */
  readonly pid: number;
  close(): Promise<void>;
}

/** Starts a tool in a process group of its own with its output in a file of the yard. */
export function launch(
  yard: Pick<Yard, 'dir'>,
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const [program = '', ...rest] = argv;
  const log = logFile(`${yard.dir}/${name}.log`);
  return spawn(program, rest, {
    cwd: yard.dir,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  });
}

/** Ends what `launch` started, with TERM and after two seconds with KILL, and waits for its end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const late = setTimeout(() => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // ended in between
    }
  }, 2000);
  await ended;
  clearTimeout(late);
}
