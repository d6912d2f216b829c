import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Tells a person what went wrong and what to do about it, and hands the exit code back. */
export function complain(io: Io, code: ExitCode, message: string, hint?: string): ExitCode {
  io.err(`watcher: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  return code;
}
