import type { CommandResult, Commands, RunOptions } from '../../src/host/commands.ts';
import type { CommandSpec } from '../../src/model/service.ts';

/** Records what was to be run and answers as the test says. */
export interface FakeCommands extends Commands {
  /** Programs that are not there. */
  lacks(...programs: readonly string[]): void;
  readonly calls: readonly { readonly command: CommandSpec; readonly options: RunOptions }[];
  /**
   * Answers commands whose words joined by blanks begin with `prefix` (the newest answer that fits wins); a function
   * may look at the command, and may wait.
   */
  answer(
    prefix: string,
    answer:
      | Partial<CommandResult>
      | ((
          command: CommandSpec,
          options: RunOptions,
        ) => Partial<CommandResult> | Promise<Partial<CommandResult>>),
  ): void;
}

/** Commands nobody gave an answer for exit with 0 and print nothing. */
export function createFakeCommands(): FakeCommands {
  const calls: { command: CommandSpec; options: RunOptions }[] = [];
  const answers: { prefix: string; answer: Parameters<FakeCommands['answer']>[1] }[] = [];
  const missing = new Set<string>();
  return {
    lacks: (...programs) => programs.forEach((program) => void missing.add(program)),
    trouble: async ({ argv: [program = ''] }) =>
      missing.has(program) ? `${program} does not exist` : undefined,
    calls,
    answer: (prefix, answer) => void answers.unshift({ prefix, answer }),
    async run(command, options = {}) {
      calls.push({ command, options });
      const words = command.argv.join(' ');
      const found = answers.find(({ prefix }) => words.startsWith(prefix))?.answer;
      const given = typeof found === 'function' ? await found(command, options) : (found ?? {});
      const outcome = given.outcome ?? 'exited';
      return {
        outcome,
        ...(outcome === 'exited' ? { code: 0 } : {}),
        stdout: '',
        stderr: '',
        tookMs: 1,
        ...given,
      };
    },
  };
}
