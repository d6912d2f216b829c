import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import { processIo } from './io.ts';
import { parseAndCall } from './program.ts';
import { programVersion } from './version.ts';

/** The whole program: arguments in, exit code out. A mistake of our own is printed with what a bug report needs. */
export async function runCli(argv: readonly string[], io = processIo()): Promise<ExitCode> {
  try {
    return await parseAndCall(argv, io, programVersion);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`watcher: this is a mistake in watcher ${programVersion} itself, please report it:\n${detail}\n`);
    return exitCodes.bug;
  }
}
