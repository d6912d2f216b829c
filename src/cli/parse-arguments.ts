import { parseArgs } from 'node:util';
import { didYouMean } from '../lib/nearest.ts';
import type { Call, CommandDeclaration, OptionDeclaration } from './command.ts';

/** What the command line means, or the sentence and the hint for who wrote it. `command` is absent when none was named. */
export type Parsed =
  | {
      readonly ok: true;
      readonly command: CommandDeclaration | undefined;
      readonly arguments: readonly string[];
      readonly options: Call['options'];
    }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Reads the command line. Options may stand anywhere; `--` ends them. An option means the same in every command. */
export function parseArguments(
  argv: readonly string[],
  commands: readonly CommandDeclaration[],
  globals: readonly OptionDeclaration[],
): Parsed {
  const every = [...globals, ...commands.flatMap((command) => command.options ?? [])];
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(every.map((option) => [option.name, nodeOption(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const name = words[0];
  const command = commands.find((candidate) => candidate.name === name);
  if (name !== undefined && command === undefined) return unknownCommand(name, commands);
  const allowed = [...globals, ...(command?.options ?? [])];
  const options: Record<string, string | true> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = allowed.find((candidate) => candidate.name === token.name);
    if (option === undefined) return unknownOption(token.rawName, command, allowed);
    const wrong = wrongValue(option, token.rawName, token.value, token.inlineValue === true);
    if (wrong !== undefined) return wrong;
    const before = option.many === true ? options[option.name] : undefined;
    options[option.name] =
      before === undefined ? (token.value ?? true) : `${String(before)},${token.value ?? ''}`;
  }
  const asksOnly = options['help'] === true || options['version'] === true;
  const wrong = command === undefined || asksOnly ? undefined : wrongCount(command, words.length - 1);
  return wrong ?? { ok: true, command, arguments: words.slice(1), options };
}

function nodeOption(option: OptionDeclaration): { type: 'string' | 'boolean'; short?: string } {
  const type = option.value === undefined ? 'boolean' : 'string';
  return option.short === undefined ? { type } : { type, short: option.short };
}

function refuse(message: string, hint: string): Parsed & { ok: false } {
  return { ok: false, message, hint };
}

function unknownCommand(name: string, commands: readonly CommandDeclaration[]): Parsed {
  const names = commands.map((command) => command.name);
  const hint = didYouMean(name, names) ?? "'watcher --help' lists the commands";
  return refuse(`there is no command '${name}'`, hint);
}

function unknownOption(
  raw: string,
  command: CommandDeclaration | undefined,
  allowed: readonly OptionDeclaration[],
): Parsed {
  const where = command === undefined ? 'watcher' : `watcher ${command.name}`;
  const names = allowed.map((option) => `--${option.name}`);
  const hint = didYouMean(raw, names) ?? `'${where} --help' lists the options`;
  return refuse(`${where} has no option '${raw}'`, hint);
}

function wrongValue(
  option: OptionDeclaration,
  raw: string,
  value: string | undefined,
  inline: boolean,
): Parsed | undefined {
  if (option.value === undefined) {
    return value === undefined ? undefined : refuse(`${raw} takes no value`, `write it alone: ${raw}`);
  }
  // `--for --wait`: the value was forgotten, not meant to be `--wait`.
  if (value !== undefined && value !== '' && (inline || !value.startsWith('-'))) return undefined;
  return refuse(`${raw} needs a value`, `write: ${raw} <${option.value}>`);
}

function wrongCount(command: CommandDeclaration, count: number): Parsed | undefined {
  const usage = command.arguments ?? '';
  const places = usage.split(' ').filter((place) => place !== '');
  const least = places.filter((place) => place.startsWith('<')).length;
  const most = usage.includes('...') ? Number.POSITIVE_INFINITY : places.length;
  if (count >= least && count <= most) return undefined;
  const wrong =
    count < least ? 'needs more to go by' : `takes ${most === 0 ? 'no arguments' : `at most ${most}`}`;
  return refuse(`${command.name} ${wrong}`, `write: watcher ${command.name} ${usage}`.trimEnd());
}
