import { commands, globalOptions } from './commands.ts';
import { complain } from './complain.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodeMeanings, exitCodeName, exitCodes } from './exit-codes.ts';
import { printHelp } from './help.ts';
import { type ErrorData, type Io, processIo } from './io.ts';
import { parseArguments } from './parse-arguments.ts';
import { printJson } from './print/print-json.ts';
import { programVersion } from './version.ts';

/** The whole program: arguments in, exit code out. A mistake of our own is printed with what a bug report needs. */
export async function runCli(argv: readonly string[], io = processIo()): Promise<ExitCode> {
  // `watcher help restart` is what people type first.
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const parsed = parseArguments(words, commands, globalOptions);
  if (!parsed.ok) {
    const told = argv.includes('--json') ? jsonErrors(io) : undefined;
    return complain(told?.io ?? io, exitCodes.usage, parsed.message, parsed.hint);
  }
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
    if (options['json'] !== true) return await run({ arguments: parsed.arguments, options, io });
    const errors = jsonErrors(io);
    const code = await run({ arguments: parsed.arguments, options, io: errors.io });
    errors.end(code);
    return code;
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`watcher: this is a mistake in watcher ${programVersion} itself, please report it:\n${detail}\n`);
    return exitCodes.bug;
  }
}

/** Of a command that failed (from 64 on) and printed no data, a program that asked for JSON gets the error as data. */
function jsonErrors(io: Io): { readonly io: Io; readonly end: (code: ExitCode) => void } {
  let answered = false;
  const out = (text: string): void => {
    answered = true;
    io.out(text);
  };
  const failed = (error: ErrorData): void => {
    if (!answered) out(printJson({ version: 1, error }));
  };
  return {
    io: { ...io, out, failed },
    end: (code) => {
      const name = exitCodeName(code);
      if (code >= exitCodes.usage) failed({ code: name, message: exitCodeMeanings[name] });
    },
  };
}
