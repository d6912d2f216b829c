import type { Clock, Timer } from '../clock.ts';
import type { CommandResult, RunOptions } from '../commands.ts';
import { keepReader } from './keep-reader.ts';
import { createOutputTail } from './output-tail.ts';
import type { StartedCommand } from './started-command.ts';

const DEFAULT_KEEP = 16_384;
/** From KILL to giving up on a process that the kernel itself holds. */
const UNKILLABLE_MS = 2000;
/** How long output that is already written may take to arrive once the command has ended but its pipes stay open. */
const DRAIN_MS = 40;

export interface Following {
  readonly clock: Clock;
  readonly timeout: number;
  /** From TERM to KILL. */
  readonly grace: number;
  readonly options: RunOptions;
  /** When it was started (monotonic). */
  readonly from: number;
  /** Numbers of the programs that read on for what commands left behind. */
  readonly readers: Set<number>;
}

/** Waits for a started command, but never for longer than its deadline and the time it takes to end it. */
export function followCommand(child: StartedCommand, following: Following): Promise<CommandResult> {
  const { clock, timeout, grace, options, from } = following;
  const keep = options.keep ?? DEFAULT_KEEP;
  const stdout = createOutputTail(keep);
  const stderr = createOutputTail(keep);
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdout?.on('error', () => undefined);
  child.stderr?.on('error', () => undefined);
  if (child.stdin) {
    // A command that does not read its input closes it: that is its right (EPIPE).
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  }

  return new Promise((resolve) => {
    let cause: 'timed-out' | 'aborted' | undefined;
    let ended: Pick<CommandResult, 'outcome' | 'code' | 'signal'> | undefined;
    let timer: Timer | undefined;
    let settled = false;

    const settle = () => {
      if (settled) return;
      settled = true;
      timer?.cancel();
      options.signal?.removeEventListener('abort', onAbort);
      release(child, options.leaves ?? 'contained', following.readers);
      const { code, signal } = ended ?? {};
      resolve({
        outcome: cause ?? ended?.outcome ?? 'signalled',
        ...(code !== undefined && { code }),
        ...(signal !== undefined && { signal }),
        stdout: stdout.text(),
        stderr: stderr.text(),
        tookMs: clock.monotonic() - from,
      });
    };
    const rearm = (ms: number, run: () => void) => {
      timer?.cancel();
      timer = clock.after(ms, run, { hold: true });
    };
    const end = (why: 'timed-out' | 'aborted') => {
      if (cause || ended) return;
      cause = why;
      signalGroup(child, 'SIGTERM');
      rearm(grace, () => {
        signalGroup(child, 'SIGKILL');
        rearm(UNKILLABLE_MS, settle);
      });
    };
    const onAbort = () => end('aborted');

    child.onExit((code, signal) => {
      ended =
        code === null ? { outcome: 'signalled', signal: shortName(signal) } : { outcome: 'exited', code };
      // A deadline is for everything the command has started; without one, a daemon is what it was started for.
      if (cause || options.leaves !== 'daemon') signalGroup(child, 'SIGKILL');
      rearm(DRAIN_MS, settle);
    });
    // Everything is read and nobody holds the pipes any more.
    child.onClose(settle);

    rearm(timeout, () => end('timed-out'));
    if (options.signal?.aborted) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** `SIGKILL` is `KILL` for people and programs here. */
function shortName(signal: string | null): string {
  return (signal ?? 'unknown').replace(/^SIG/, '');
}

/** The group has the number of the child that leads it. */
function signalGroup(child: StartedCommand, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** Lets go of the pipes. A daemon that still holds one must not die of writing to it (SIGPIPE). */
function release(child: StartedCommand, leaves: 'daemon' | 'contained', readers: Set<number>): void {
  for (const pipe of [child.stdout, child.stderr]) {
    if (!pipe || pipe.destroyed) continue;
    if (leaves === 'daemon' && !pipe.readableEnded) keepReader(pipe, readers);
    else pipe.destroy();
  }
  child.unref();
}
