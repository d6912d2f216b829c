import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/** A command as the table in `commands.ts` declares it. */
export interface CommandDeclaration {
  readonly name: string;
  /** For people and for the parser: `[service]` may be absent, `<service...>` is at least one. */
  readonly arguments?: string;
  readonly summary: string;
  readonly options?: readonly OptionDeclaration[];
  readonly group: 'look' | 'act' | 'rules' | 'agent';
  readonly load: () => Promise<Command>;
}

export interface OptionDeclaration {
  /** Without dashes: `exit-code`. */
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in the help: `duration`; absent for a flag. */
  readonly value?: string;
  /** It may be given several times: its text is then all of them, with commas between. */
  readonly many?: true;
  readonly meaning: string;
}

/** The code of a command: does it and says how it ended. Throws only when watcher itself is wrong. */
export type Command = (call: Call) => Promise<ExitCode>;

/** One call of a command with everything it may look at. */
export interface Call {
  readonly arguments: readonly string[];
  /** What was given, by name: the text of an option with a value, true for a flag. */
  readonly options: Readonly<Record<string, string | true>>;
  readonly io: Io;
}

/** The text given to an option, or nothing. */
export function textOption(call: Pick<Call, 'options'>, name: string): string | undefined {
  const value = call.options[name];
  return value === true ? undefined : value;
}

/** Whether a flag was given. */
export function flagOption(call: Pick<Call, 'options'>, name: string): boolean {
  return call.options[name] === true;
}
