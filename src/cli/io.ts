import { exitCodes } from './exit-codes.ts';
import type { Style } from './print/style.ts';
import { plainStyle, terminalStyle } from './print/style.ts';

/** Where a command reads and prints: data to `out`, words for people to `err`. An argument, so that tests can hold it. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Wall milliseconds since the epoch. */
  readonly now: () => number;
  /** Width to cut tables at; absent when standard output is not a terminal, and then nothing is cut. */
  readonly columns?: number;
  /** Colours for standard output; does nothing where there should be none. */
  readonly style: Style;
  /** With `--json`: takes an error as data, for programs. The first one counts. */
  readonly failed?: (error: ErrorData) => void;
  /** From now on no stream that fails ends the program: the agent goes on without its log. */
  readonly outlive?: () => void;
}

export interface ErrorData {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What a program ends with whose reader went away, as if SIGPIPE (13) had ended it: what `| head` leaves of others. */
const READER_GONE = 128 + 13;

/**
 * Ends the program where its output cannot be written: quietly where nobody reads it any more, else saying so. Returns the
 * way to go on all the same.
 */
function endWithStreams({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): () => void {
  let outlived = false;
  const listen = (stream: NodeJS.WriteStream, name: string): void => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (outlived) return;
      if (error.code === 'EPIPE') process.exit(READER_GONE);
      if (stream !== stderr) stderr.write(`watcher: cannot write to ${name}: ${error.message}\n`);
      process.exit(exitCodes.inputOutput);
    });
  };
  listen(stdout, 'standard output');
  listen(stderr, 'standard error');
  return () => {
    outlived = true;
  };
}

/** The real one. NO_COLOR and FORCE_COLOR decide before the terminal does (no-color.org, force-color.org). */
export function processIo(): Io {
  const { stdout, stderr, env } = process;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const refused = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.FORCE_COLOR === '0';
  const colours = forced || (!refused && stdout.isTTY === true && env.TERM !== 'dumb');
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    cwd: process.cwd(),
    now: Date.now,
    outlive: endWithStreams(process),
    style: colours ? terminalStyle : plainStyle,
    // A serial console does not say how wide it is.
    ...(stdout.isTTY ? { columns: stdout.columns || 80 } : {}),
  };
}
