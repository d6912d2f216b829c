import { type ExitCode, exitCodeName } from './exit-codes.ts';
import type { Io } from './io.ts';

/**
 * Tells a person what went wrong and what to do about it, a program too where it asked for JSON, and hands the exit code
 * back. `name`: what programs may go by, where it is more exact than that of the exit code.
 */
export function complain(
  io: Pick<Io, 'err' | 'failed'>,
  code: ExitCode,
  message: string,
  hint?: string,
  name: string = exitCodeName(code),
): ExitCode {
  io.err(`watcher: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  io.failed?.({ code: name, message, ...(hint === undefined ? {} : { hint }) });
  return code;
}
