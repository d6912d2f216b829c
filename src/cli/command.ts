import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/** A command as the table in `commands.ts` declares it; its code is loaded when it is called. */
export interface CommandDeclaration {
  readonly name: string;
  /** As commander writes them: `[service]`, `<service...>`. */
  readonly arguments?: string;
  readonly summary: string;
  /** More for `watcher help COMMAND`: examples first. */
  readonly details?: string;
  readonly options?: readonly OptionDeclaration[];
  readonly group: 'look' | 'act' | 'rules' | 'agent';
  readonly load: () => Promise<Command>;
}

/** Flags as commander writes them (`--for <duration>`) and what they do. */
export type OptionDeclaration = readonly [flags: string, meaning: string];

/** The code of a command: does it and says how it ended. Throws only when watcher itself is wrong. */
export type Command = (call: Call) => Promise<ExitCode>;

/** One call of a command with everything it may look at. */
export interface Call {
  readonly arguments: readonly string[];
  readonly options: CallOptions;
  readonly io: Io;
}

export interface CallOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly [name: string]: unknown;
}

/** The text given to an option, or nothing. */
export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Texts given to an option that may be repeated. */
export function textsOption(call: Call, name: string): readonly string[] {
  const value = call.options[name];
  return Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : [];
}

/** Whether a flag was given. */
export function flagOption(call: Call, name: string): boolean {
  return call.options[name] === true;
}
