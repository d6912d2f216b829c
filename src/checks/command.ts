import { command as commandField } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { commandReadings, runForCheck } from './command-run.ts';

/** Any program, by its exit code and output. */
export const command = defineCheck({
  kind: 'command',
  summary: 'Runs a program and looks at its exit code and output.',
  options: { run: commandField({ summary: 'The program and its arguments.' }) },
  main: 'run',
  readings: commandReadings,
  expects: ['exit_code == 0'],
  failAfter: 1,
  timeout: 30_000,
  target: () => undefined,
  startsProgram: true,
  headline: ['exit_code', 'took'],
  example: `
command: [/usr/bin/pg_isready, --quiet]
`,
  async probe(look) {
    const ran = await runForCheck(look.options.run, look);
    if (!ran.ended) return ran.result;
    const { exitCode, output, tookMs, exhibit } = ran;
    return { outcome: 'read', reading: { exit_code: exitCode, output, took: tookMs }, exhibit };
  },
});
