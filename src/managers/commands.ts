import { pause } from '../host/time/pause.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { command, flag, path, pattern } from '../schema/fields.ts';
import { defineManager, type Manager, type ManagerContext } from './manager-kind.ts';
import { reloadPlain, restartPlain, startPlain, stopPlain } from './plain/plain-operations.ts';
import { plainProcessFinder, type Sighting } from './plain/plain-process.ts';
import { askStatusProgram } from './plain/status-program.ts';

const options = {
  pidfile: path({
    summary: 'File in which the service writes its process number.',
    optional: true,
    example: '/run/worker.pid',
  }),
  match: pattern({
    summary:
      'Regular expression that the command line of the main process matches; with a pidfile it tells a stale one.',
    optional: true,
    example: '^/usr/local/bin/worker',
  }),
  start: command({ summary: 'Starts it and ends; the service stays behind.', optional: true }),
  stop: command({
    summary:
      'Stops it. Without one, or when the main process outlives it and the stop timeout, that gets SIGTERM and then SIGKILL.',
    optional: true,
  }),
  kill: flag({
    summary:
      'Whether a main process that outlives the stop command and the stop timeout is killed, and what a dead one left running in its session is ended before it is started again (both are, unless this says `false`).',
    optional: true,
  }),
  restart: command({ summary: 'Restarts it; without one it is stopped and started.', optional: true }),
  reload: command({ summary: 'Makes it read its configuration anew.', optional: true }),
  status: command({
    summary:
      'Says by its exit code whether it runs: 0 running, 1 or 2 dead, 3 stopped on purpose, 4 unknown.',
    optional: true,
    timeout: '10s',
  }),
};

type Options = OptionsOf<typeof options>;

/** After an orderly end the pid file is read once more this much later: an operator's restart is not a failure. */
const secondLook = 300;

/** Milliseconds for which a start goes by what the report that led to it has seen. */
const justSeen = 20;

/** A service that nobody manages: known by its pid file, run by plain commands, as Monit knows it. */
export const commands = defineManager({
  kind: 'commands',
  summary: 'A service known by its pid file (or command line) and run by plain commands.',
  options,
  can: (given) => [
    ...(given.start === undefined ? [] : (['start'] as const)),
    ...(given.stop === undefined && given.pidfile === undefined && given.match === undefined
      ? []
      : (['stop'] as const)),
    ...(given.restart === undefined && given.start === undefined ? [] : (['restart'] as const)),
    ...(given.reload === undefined ? [] : (['reload'] as const)),
  ],
  notes: {
    sees: 'Main process by pid file or command line, stale pid files, more than one copy.',
    events: 'The death of the main process, and changes of the pid file.',
    rights:
      'Those of the commands; signalling a process of another user needs root. With `kill: false` nothing is signalled after a stop command or before a start.',
    intent:
      'Only a status program can tell (exit code 3: stopped on purpose). Without one a service that is gone counts as failed; use `watcher stop` or `watcher unmonitor` to stop it by hand.',
  },
  example: [
    'manager:',
    '  commands:',
    '    pidfile: /run/worker.pid',
    '    start: [/usr/local/bin/worker, --daemon]',
    '    stop: { run: [/usr/local/bin/worker, --stop], timeout: 30s, user: worker }',
  ].join('\n'),
  open,
});

function open(given: Options, context: ManagerContext): Manager {
  const { host } = context;
  const finder = plainProcessFinder(
    {
      pidfile: given.pidfile,
      match: given.match === undefined ? undefined : { command: given.match },
      program: given.start?.shell === true ? undefined : given.start?.argv[0],
    },
    host,
  );
  /** What the watcher itself is doing just now. */
  let busy: 'start' | 'stop' | 'restart' | 'reload' | undefined;
  let ownStop = false;
  let wasRunning = false;
  const followers = new Set<() => void>();
  let watched: { readonly pid: number; readonly start: number; readonly stop: () => void } | undefined;

  let seen: { readonly sighting: Sighting; readonly at: number } | undefined;

  async function look(): Promise<Sighting> {
    return noted(await finder.look());
  }

  function noted(sighting: Sighting): Sighting {
    followMain(sighting.main);
    seen = { sighting, at: host.clock.monotonic() };
    return sighting;
  }

  /** A repair begins a moment after the look that found the service gone: the same look again would only hold it up. */
  async function lookOrRecall(): Promise<Sighting> {
    const last = seen;
    seen = undefined;
    const isGone = last?.sighting.state === 'gone' && host.clock.monotonic() - last.at <= justSeen;
    return isGone ? last.sighting : look();
  }

  async function lookTwice(): Promise<Sighting> {
    const first = await look();
    if (first.state === 'running') {
      wasRunning = true;
      return first;
    }
    if (first.state === 'unclear' || !wasRunning || busy !== undefined) return first;
    wasRunning = false;
    // A pid file that still names the dead was left by a crash: whoever stops a service in order takes it away.
    if (first.leftBehind) return first;
    await pause(host.clock, secondLook);
    const second = await look();
    wasRunning = second.state === 'running';
    return second;
  }

  async function report(): Promise<ManagerReport> {
    const [sighting, answer] = await Promise.all([
      lookTwice(),
      given.status === undefined ? undefined : askStatusProgram(host, given.status),
    ]);
    const main = sighting.main === undefined ? {} : { main: sighting.main };
    const warnings = [...sighting.warnings];
    if (busy === 'start' || busy === 'restart') {
      return { intent: 'run', activity: 'starting', detail: `${busy} is running`, ...main };
    }
    if (busy === 'stop') return { intent: 'run', activity: 'stopping', detail: 'stop is running', ...main };
    if (answer !== undefined && answer.activity !== 'unknown') {
      const known = given.pidfile !== undefined || given.match !== undefined;
      if (known && (answer.activity === 'running') !== (sighting.state === 'running')) {
        warnings.push(`${answer.detail}, but: ${sighting.detail}`);
      }
      if (answer.activity === 'running') ownStop = false;
      const intent = answer.intent === 'stopped' && ownStop ? 'run' : answer.intent;
      return { ...answer, intent, ...main, ...withWarnings(warnings) };
    }
    if (answer !== undefined) warnings.push(answer.detail);
    if (sighting.state === 'running') {
      ownStop = false;
      return {
        intent: 'run',
        activity: 'running',
        detail: sighting.detail,
        ...main,
        ...withWarnings(warnings),
      };
    }
    return { ...absence(sighting), ...withWarnings(warnings) };
  }

  /** A pid file that still names the dead tells of a crash, and nothing more needs to be asked. */
  function reportNow(): ManagerReport | undefined {
    if (busy !== undefined || given.status !== undefined) return undefined;
    const sighting = finder.lookNow();
    return sighting && absence(noted(sighting));
  }

  function absence({ state, leftBehind, detail }: Sighting): ManagerReport {
    const activity = state === 'unclear' ? 'unknown' : leftBehind || ownStop ? 'failed' : 'stopped';
    return { intent: 'unknown', activity, detail };
  }

  function followMain(main: Sighting['main']): void {
    if (followers.size === 0) return;
    if (main !== undefined && watched?.pid === main.pid && watched.start === main.start) return;
    watched?.stop();
    watched = undefined;
    if (main === undefined) return;
    watched = { pid: main.pid, start: main.start, stop: host.deaths.watch(main, tellFollowers) };
  }

  function tellFollowers(): void {
    for (const follower of followers) follower();
  }

  return {
    report,
    reportNow,
    async operate(kind, signal) {
      busy = kind;
      try {
        const result = await operations[kind]({ ...context, ...given, look, lookOrRecall }, signal);
        // Its own stop that was not followed by a start is no intent of an operator.
        if (kind !== 'reload') ownStop = kind !== 'stop' && !result.ok;
        return result;
      } finally {
        busy = undefined;
      }
    },
    follow(changed) {
      followers.add(changed);
      const stopFile = given.pidfile === undefined ? undefined : host.files.watch(given.pidfile, changed);
      return () => {
        followers.delete(changed);
        stopFile?.();
        if (followers.size > 0) return;
        watched?.stop();
        watched = undefined;
      };
    },
    close() {
      followers.clear();
      watched?.stop();
      watched = undefined;
    },
  };
}

const operations = { start: startPlain, stop: stopPlain, restart: restartPlain, reload: reloadPlain };

function withWarnings(warnings: readonly string[]): { readonly warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings };
}
