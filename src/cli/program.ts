import { Command, CommanderError, Help } from 'commander';
import { nearestWord } from '../lib/nearest.ts';
import type { Call, CommandDeclaration } from './command.ts';
import { commands, globalOptions } from './commands.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

const groupTitles = {
  look: 'Look:',
  act: 'Act:',
  rules: 'Rules:',
  agent: 'Agent:',
} as const;

/** Parses the arguments, calls the command that they name, and says how it ended. */
export async function parseAndCall(argv: readonly string[], io: Io, version: string): Promise<ExitCode> {
  let outcome: ExitCode = exitCodes.ok;
  const program = buildProgram(argv, io, version, async (declaration, call) => {
    const command = await declaration.load();
    outcome = await command(call);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return outcome;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOf(error);
    throw error;
  }
}

type CallCommand = (declaration: CommandDeclaration, call: Call) => Promise<void>;

function buildProgram(argv: readonly string[], io: Io, version: string, callCommand: CallCommand): Command {
  const program = new Command('watcher')
    .description('Watches services from outside, repairs them through their own manager, tells people.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(explain(text, program, argv)),
    })
    .configureHelp({
      showGlobalOptions: true,
      ...(io.columns === undefined ? {} : { helpWidth: io.columns }),
    });
  for (const [flags, meaning] of globalOptions) program.option(flags, meaning);
  for (const declaration of commands) addCommand(program, declaration, io, callCommand);
  program.addHelpText(
    'after',
    '\nExit codes: 0 all is well, 1 to 3 something is wrong, from 64 on it could not be told. See README.md.',
  );
  return program;
}

function addCommand(
  program: Command,
  declaration: CommandDeclaration,
  io: Io,
  callCommand: CallCommand,
): void {
  const command = program.command(declaration.name).description(declaration.summary);
  command.helpGroup(groupTitles[declaration.group]);
  if (declaration.arguments !== undefined) command.arguments(declaration.arguments);
  for (const [flags, meaning] of declaration.options ?? []) command.option(flags, meaning);
  command.allowExcessArguments(false);
  command.action(async () => {
    await callCommand(declaration, { arguments: command.args, options: command.optsWithGlobals(), io });
  });
}

/** Commander's sentence, with the nearest word where a command or an option is unknown. */
function explain(text: string, program: Command, argv: readonly string[]): string {
  const unknown = /unknown (command|option) '([^']+)'/.exec(text);
  const sentence = text.replace(/^error: /, 'watcher: ');
  if (unknown === null) return sentence;
  const word = unknown[2] ?? '';
  const candidates =
    unknown[1] === 'command' ? commands.map((command) => command.name) : optionNames(program, argv);
  const nearest = nearestWord(word, candidates);
  const hint = nearest === undefined ? "see 'watcher help'" : `did you mean '${nearest}'?`;
  return `${sentence.trimEnd()}\n  ${hint}\n`;
}

function optionNames(program: Command, argv: readonly string[]): readonly string[] {
  const called = program.commands.find((command) => argv.includes(command.name()));
  const help = new Help();
  return [program, ...(called === undefined ? [] : [called])].flatMap((command) =>
    help.visibleOptions(command).flatMap((option) => (option.long ? [option.long] : [])),
  );
}

function exitCodeOf(error: CommanderError): ExitCode {
  const asked = ['commander.helpDisplayed', 'commander.version'];
  if (asked.includes(error.code)) return exitCodes.ok;
  // `watcher help` ends with this code too, but with exit code 0.
  if (error.code === 'commander.help' && error.exitCode === 0) return exitCodes.ok;
  return exitCodes.usage;
}
