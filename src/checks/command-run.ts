import type { CommandResult } from '../host/commands.ts';
import type { Exhibit, ProbeResult, ReadingFields } from '../model/reading.ts';
import type { CommandSpec } from '../model/service.ts';
import type { Look } from './check-kind.ts';

/** Most of an output that becomes a reading, and most of it that is shown. */
const MOST_READING = 4096;
const MOST_EXHIBIT = 8192;

/** What every command measures. */
export const commandReadings = {
  exit_code: {
    type: 'number',
    quantity: 'count',
    meaning: 'What it ended with; 128 and the signal after a signal.',
    min: 0,
  },
  output: { type: 'text', meaning: 'What it printed, standard output before standard error.' },
  took: { type: 'number', quantity: 'duration', meaning: 'How long it ran.', min: 0 },
} as const satisfies ReadingFields;

/** A command that ran to its end, or the result of the probe when it did not. */
export type Ran =
  | {
      readonly ended: true;
      readonly exitCode: number;
      readonly stdout: string;
      readonly output: string;
      readonly tookMs: number;
      readonly exhibit: Exhibit;
    }
  | { readonly ended: false; readonly result: ProbeResult };

/** Numbers of the signals that end programs, signal(7), for the exit code a shell would show. */
const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  ABRT: 6,
  FPE: 8,
  KILL: 9,
  SEGV: 11,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
};

/** Runs a check's command within the deadlines of both. */
export async function runForCheck(command: CommandSpec, look: Look<unknown>): Promise<Ran> {
  const { host, service, timeout, signal } = look;
  const spec = { ...command, timeout: Math.min(command.timeout, timeout) };
  const result = await host.commands.run(spec, { signal, env: { WATCHER_SERVICE: service }, keep: 65_536 });
  const words = command.argv.join(' ');
  const output = joined(result);
  const exhibit = { title: `output of ${words}`, text: output.slice(-MOST_EXHIBIT) };
  switch (result.outcome) {
    case 'not-started':
      return {
        ended: false,
        result: { outcome: 'unknown', reason: result.reason ?? `${words} did not start` },
      };
    case 'aborted':
      return { ended: false, result: { outcome: 'unknown', reason: `${words} was called off` } };
    case 'timed-out': {
      const reason = `${words} did not end within ${spec.timeout} ms and was ended`;
      return { ended: false, result: { outcome: 'failed', reason, exhibit } };
    }
    default: {
      const exitCode = result.code ?? 128 + (SIGNALS[result.signal ?? ''] ?? 0);
      const { stdout, tookMs } = result;
      return { ended: true, exitCode, stdout, output: output.slice(0, MOST_READING), tookMs, exhibit };
    }
  }
}

function joined({ stdout, stderr }: CommandResult): string {
  const gap = stdout !== '' && stderr !== '' && !stdout.endsWith('\n') ? '\n' : '';
  return `${stdout}${gap}${stderr}`.trimEnd();
}
