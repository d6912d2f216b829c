import type { CommandResult } from '../host/commands.ts';
import type { Host } from '../host/host.ts';
import type { Request } from './follow-through.ts';
import { endingOf, outputOf, succeeded } from './outcome.ts';

export interface ToolOptions {
  /** Milliseconds (default 10 s). */
  readonly timeout?: number;
  readonly user?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a manager's own program, in the plain locale, so that its words are those of its documentation. */
export function runTool(
  host: Host,
  argv: readonly string[],
  options: ToolOptions = {},
): Promise<CommandResult> {
  return host.commands.run(
    {
      argv,
      shell: false,
      env: { LC_ALL: 'C', NO_COLOR: '1', ...options.env },
      timeout: options.timeout ?? 10_000,
      ...(options.user === undefined ? {} : { user: options.user }),
    },
    // What a manager starts stays behind when its program has ended.
    {
      leaves: 'daemon',
      keep: 1_048_576,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  );
}

/** Runs a manager's program as the request of an operation: exit code 0 is yes. */
export async function askTool(
  host: Host,
  argv: readonly string[],
  options: ToolOptions = {},
): Promise<Request> {
  const ran = await runTool(host, argv, options);
  const output = outputOf(ran);
  return succeeded(ran)
    ? { ok: true, output }
    : { ok: false, reason: `${argv.slice(0, 2).join(' ')}: ${endingOf(ran)}`, output };
}
