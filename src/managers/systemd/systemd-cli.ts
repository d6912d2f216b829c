import type { Host } from '../../host/host.ts';
import { parseDuration } from '../../lib/duration.ts';
import { endingOf, succeeded } from '../outcome.ts';
import type { Asked, JobOutcome, SystemdLink } from './systemd-link.ts';
import { factsOf, type UnitFacts } from './systemd-unit.ts';

const texts = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'FreezerState',
  'Result',
  'UnitFileState',
  'Type',
  'StatusText',
  'ControlGroup',
  'Restart',
];
const numbers = ['MainPID', 'NRestarts', 'StartLimitBurst', 'ExecMainCode', 'ExecMainStatus'];
const flags = ['ConditionResult', 'AssertResult', 'NeedDaemonReload', 'CanReload', 'CanStart'];
const lists = ['TriggeredBy', 'BindsTo'];
const durations = ['RestartUSec', 'RestartUSecNext', 'StartLimitIntervalUSec', 'TimeoutStartUSec'];
/** Read through their monotonic twins: they are only compared with each other, and need no calendar. */
const times = [
  'InactiveExitTimestamp',
  'InactiveEnterTimestamp',
  'ConditionTimestamp',
  'AssertTimestamp',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
];
const wanted = [
  ...texts,
  ...numbers,
  ...flags,
  ...lists,
  ...durations,
  ...times.map((name) => `${name}Monotonic`),
  'StateChangeTimestamp',
  'LoadError',
  'Job',
  'InvocationID',
].join(',');
const readWithin = 10_000;

/** The way round where D-Bus cannot be used: systemctl(1), one program per question. Nothing is event-driven. */
export function systemdCli(host: Host, scope: readonly string[]): SystemdLink {
  function systemctl(argv: readonly string[], timeout: number, signal?: AbortSignal) {
    return host.commands.run(
      {
        argv: ['systemctl', ...scope, '--no-pager', '--no-ask-password', ...argv],
        shell: false,
        // Times of day are printed in the zone of the caller.
        env: { LC_ALL: 'C', TZ: 'UTC' },
        timeout,
      },
      signal === undefined ? {} : { signal },
    );
  }

  /** Lines of `list-jobs`: number, unit, type, state. */
  async function jobType(job: number): Promise<string> {
    const ran = await systemctl(['list-jobs', '--no-legend'], readWithin);
    return new RegExp(`^\\s*${job} \\S+ (\\S+)`, 'm').exec(ran.stdout)?.[1] ?? '';
  }

  return {
    async read(unit): Promise<Asked<UnitFacts>> {
      const ran = await systemctl(['show', '-p', wanted, '--', unit], readWithin);
      if (!succeeded(ran)) return { ok: false, absent: true, reason: `systemctl show: ${endingOf(ran)}` };
      const facts = parseShow(ran.stdout);
      return { ok: true, value: facts.job === 0 ? facts : { ...facts, jobType: await jobType(facts.job) } };
    },
    async job({ verb, unit, failed }, withinMs, signal): Promise<JobOutcome> {
      // What it shows of times is since the start of the machine.
      if (failed === true && (verb === 'start' || verb === 'restart'))
        await systemctl(['reset-failed', '--', unit], readWithin);
      const ran = await systemctl([verb, '--', unit], withinMs, signal);
      if (succeeded(ran)) return { result: 'done' };
      if (ran.outcome === 'timed-out') return { result: 'late' };
      return {
        result: ran.outcome === 'exited' ? 'failed' : 'refused',
        reason: `systemctl ${verb}: ${endingOf(ran)}`,
      };
    },
    refusal: async () => undefined,
    pin: async () => () => {},
    follow: () => () => {},
    told: () => undefined,
    endTold: () => undefined,
    hostStays: () => false,
    learnOfHost: () => {},
    jobEvents: () => undefined,
    close() {},
  };
}

/** The facts in what `systemctl show` prints: a line per property, `Name=value`. */
export function parseShow(output: string): UnitFacts {
  const values = new Map(
    output.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const value = (name: string) => values.get(name) ?? '';
  const pick = (names: readonly string[], read: (text: string) => unknown) =>
    Object.fromEntries(names.map((name) => [name, read(value(name))]));
  return factsOf(
    {
      ...pick(texts, (text) => text),
      ...pick(numbers, Number),
      ...pick(flags, (text) => text === 'yes'),
      ...pick(lists, (text) => text.split(' ').filter((name) => name !== '')),
      ...pick(durations, (text) => (text === 'infinity' ? Infinity : (parseDuration(text) ?? 0) * 1000)),
      ...Object.fromEntries(times.map((name) => [name, Number(value(`${name}Monotonic`))])),
      StateChangeTimestamp: microsecondsIn(value('StateChangeTimestamp')),
      LoadError: ['', /"(.*)"/.exec(value('LoadError'))?.[1] ?? ''],
      Job: [Number(value('Job')), ''],
      InvocationID: [...Buffer.from(value('InvocationID'), 'hex')],
    },
    '',
  );
}

/** `Thu 2026-11-26 21:05:23 UTC`: to the second, which readers since systemd 247 could have finer and older ones not. */
function microsecondsIn(text: string): number {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(text) ?? [];
  return day === undefined ? 0 : Date.parse(`${day}T${time}Z`) * 1000;
}
