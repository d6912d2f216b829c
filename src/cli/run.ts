import { commands, globalOptions } from './commands.ts';
import { complain } from './complain.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import { printHelp } from './help.ts';
import { processIo } from './io.ts';
import { parseArguments } from './parse-arguments.ts';
import { programVersion } from './version.ts';

/** The whole program: arguments in, exit code out. A mistake of our own is printed with what a bug report needs. */
export async function runCli(argv: readonly string[], io = processIo()): Promise<ExitCode> {
  // `watcher help restart` is what people type first.
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const parsed = parseArguments(words, commands, globalOptions);
  if (!parsed.ok) return complain(io, exitCodes.usage, parsed.message, parsed.hint);
  const { command, options } = parsed;
  if (options['help'] === true) {
    io.out(printHelp(command, io));
    return exitCodes.ok;
  }
  if (options['version'] === true) {
    io.out(`${programVersion}\n`);
    return exitCodes.ok;
  }
  if (command === undefined) {
    io.err(printHelp(undefined, io));
    return exitCodes.usage;
  }
  try {
    const run = await command.load();
    return await run({ arguments: parsed.arguments, options, io });
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`watcher: this is a mistake in watcher ${programVersion} itself, please report it:\n${detail}\n`);
    return exitCodes.bug;
  }
}
