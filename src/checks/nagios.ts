import { command as commandField } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { commandReadings, runForCheck } from './command-run.ts';
import { parsePerfData } from './perf-data.ts';

const STATUSES = ['ok', 'warning', 'critical', 'unknown'] as const;

/** A monitoring plugin: exit code 0 ok, 1 warning, 2 critical, 3 unknown (Monitoring Plugins Development Guidelines, 2.3). */
export const nagios = defineCheck({
  kind: 'nagios',
  summary:
    'Runs a plugin of Nagios, Icinga or the Monitoring Plugins and takes its status, text and performance data.',
  options: { run: commandField({ summary: 'The plugin and its arguments.' }) },
  main: 'run',
  readings: {
    ...commandReadings,
    status: { type: 'text', meaning: 'What the plugin says.', values: STATUSES },
    text: { type: 'text', meaning: 'Its first line without performance data.' },
    perf: {
      type: 'json',
      meaning: 'Its performance data by label; times in milliseconds, sizes in bytes: `perf.load1 < 5`.',
    },
  },
  expects: ['status != "critical"'],
  warns: ['status == "ok"'],
  failAfter: 3,
  timeout: 30_000,
  target: () => undefined,
  startsProgram: true,
  headline: ['status', 'text'],
  example: `
nagios: [/usr/lib/nagios/plugins/check_disk, -w, "10%", -c, "5%", -p, /]
`,
  async probe(look) {
    const ran = await runForCheck(look.options.run, look);
    if (!ran.ended) return ran.result;
    const { exitCode, stdout, output, tookMs, exhibit } = ran;
    const status = STATUSES[exitCode] ?? 'unknown';
    const text = (stdout.split('\n')[0] ?? '').split('|')[0]?.trim() || output.split('\n')[0] || '';
    if (status === 'unknown') {
      const said = text === '' ? `exit code ${exitCode}` : `exit code ${exitCode}: ${text}`;
      return { outcome: 'unknown', reason: `the plugin could not tell (${said})` };
    }
    const perf = parsePerfData(stdout);
    return {
      outcome: 'read',
      reading: { exit_code: exitCode, output, took: tookMs, status, text, perf },
      exhibit,
    };
  },
});
