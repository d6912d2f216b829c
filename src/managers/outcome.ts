import type { CommandResult } from '../host/commands.ts';
import { formatDuration } from '../lib/duration.ts';
import type { OperationResult } from '../model/manager.ts';

const outputLimit = 4096;

/** An operation that did what it was asked to. */
export function done(detail: string, startedAt: number, now: number, output?: string): OperationResult {
  return result(true, detail, startedAt, now, output);
}

/** An operation that did not; `detail` says what was tried, what happened and what to do next. */
export function failed(detail: string, startedAt: number, now: number, output?: string): OperationResult {
  return result(false, detail, startedAt, now, output);
}

function result(
  ok: boolean,
  detail: string,
  startedAt: number,
  now: number,
  output: string | undefined,
): OperationResult {
  const text = output?.trim().slice(-outputLimit);
  return {
    ok,
    detail,
    tookMs: Math.max(0, now - startedAt),
    ...(text === undefined || text === '' ? {} : { output: text }),
  };
}

/** Both outputs of a command, error output last: it is the part worth reading. */
export function outputOf(command: CommandResult): string {
  return [command.stdout.trimEnd(), command.stderr.trimEnd()].filter((part) => part !== '').join('\n');
}

/** How a command ended, in one line with the most telling thing it printed: `exit code 1: bind: address in use`. */
export function endingOf(command: CommandResult): string {
  const line = tellingLine(command.stderr) ?? tellingLine(command.stdout);
  const said = line === undefined ? '' : `: ${line}`;
  switch (command.outcome) {
    case 'exited':
      return `exit code ${command.code ?? 0}${command.code === 0 ? '' : said}`;
    case 'signalled':
      return `ended by signal ${command.signal ?? 'unknown'}${said}`;
    case 'timed-out':
      return `it did not end within ${formatDuration(command.tookMs)} and was ended${said}`;
    case 'not-started':
      return `it could not be started: ${command.reason ?? 'unknown reason'}`;
    case 'aborted':
      return 'it was given up because the watcher is ending';
  }
}

/** Whether the command ended by itself with exit code 0. */
export function succeeded(command: CommandResult): boolean {
  return command.outcome === 'exited' && command.code === 0;
}

/** What programs write in the line that says why. */
const ERROR_LIKE = /emerg|error|fatal|failed|cannot|can't|denied|in use/i;

/** The first line that sounds like an error (what comes after is mostly its consequence), else the last one. */
function tellingLine(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const line = lines.find((one) => ERROR_LIKE.test(one)) ?? lines.at(-1);
  if (line === undefined) return undefined;
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}
