import { maskTexts } from '../lib/redactor.ts';
import { command } from '../schema/fields.ts';
import { defineNotifier } from './notifier-kind.ts';
import { cut, oneLine, renderNotice } from './render.ts';
import { templateValues } from './template.ts';

/** Exit codes that say "the same next time" (sysexits.h): usage, data, no input, config; 127: no such program. */
const FINAL_CODES = new Set([64, 65, 66, 78, 126, 127]);

/** Longest value in the environment: the kernel refuses to start a program with one of 128 kB (execve(2)). */
const MOST_VALUE = 16_000;

/** Runs a program for every notice. */
export const exec = defineNotifier({
  kind: 'exec',
  summary: 'Runs a program with the notice in its environment (WATCHER_...) and as JSON on standard input.',
  options: {
    command: command({
      summary: 'Program to run; exit code 0 means delivered, 75 and most others mean try again.',
    }),
  },
  main: 'command',
  example: `
exec: { command: [/usr/local/bin/tell-me, --loud] }
`,
  async send(notice, sending) {
    const { options, lateBy, attempt, host } = sending;
    const rendered = renderNotice(notice, lateBy);
    const env = Object.fromEntries(
      Object.entries(templateValues(notice, rendered)).map(([name, value]) => [
        `WATCHER_${name.toUpperCase()}`,
        cut(value, MOST_VALUE),
      ]),
    );
    const timeout = Math.min(options.command.timeout, sending.timeout);
    const result = await host.commands.run(
      { ...options.command, timeout },
      {
        signal: sending.signal,
        input: `${JSON.stringify({ version: 1, ...notice, attempt, lateBy })}\n`,
        env,
        keep: 2048,
      },
    );
    const program = options.command.shell ? 'the command' : (options.command.argv[0] ?? 'the command');
    // What it was given in its own environment may be a secret that it prints.
    const mask = maskTexts(Object.values(options.command.env));
    const said = oneLine(mask(`${result.stderr} ${result.stdout}`), 200);
    const safe = said === '' ? '' : `: ${said}`;
    switch (result.outcome) {
      case 'exited':
        if (result.code === 0) return { ok: true, detail: `${program} exited with 0` };
        return {
          ok: false,
          retry: !FINAL_CODES.has(result.code ?? 1),
          reason: `${program} exited with ${result.code}${safe}`,
        };
      case 'not-started':
        return { ok: false, retry: false, reason: result.reason ?? `${program} could not be started` };
      case 'timed-out':
        return {
          ok: false,
          retry: true,
          reason: `${program} did not end in time and was stopped${safe}`,
          perhaps: true,
        };
      case 'signalled':
        return {
          ok: false,
          retry: true,
          reason: `${program} was ended by ${result.signal ?? 'a signal'}${safe}`,
        };
      case 'aborted':
        return { ok: false, retry: true, reason: `${program} was called off` };
    }
  },
  async reach({ options, host }) {
    const [program = ''] = options.command.argv;
    if (options.command.shell || !program.startsWith('/')) return { ok: true, detail: 'not looked at' };
    return (await host.files.exists(program))
      ? { ok: true, detail: `${program} is there` }
      : { ok: false, retry: false, reason: `${program} does not exist` };
  },
});
