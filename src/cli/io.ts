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
}

export interface ErrorData {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
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
    style: colours ? terminalStyle : plainStyle,
    // A serial console does not say how wide it is.
    ...(stdout.isTTY ? { columns: stdout.columns || 80 } : {}),
  };
}
