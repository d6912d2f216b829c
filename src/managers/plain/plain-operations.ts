import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { OperationResult, ProcessIdentity } from '../../model/manager.ts';
import type { CommandSpec } from '../../model/service.ts';
import { done, endingOf, failed, outputOf, succeeded } from '../outcome.ts';
import { until } from '../until.ts';
import { endProcess, gone } from './end-process.ts';
import { leaveOurUnit } from './own-scope.ts';
import type { Sighting } from './plain-process.ts';

/** What the operations need to know of a service that is run by plain commands. */
export interface PlainService {
  readonly host: Host;
  /** Its name in the rules. */
  readonly service: string;
  readonly startTimeout: number;
  readonly stopTimeout: number;
  readonly pidfile?: string | undefined;
  readonly start?: CommandSpec | undefined;
  readonly stop?: CommandSpec | undefined;
  readonly restart?: CommandSpec | undefined;
  readonly reload?: CommandSpec | undefined;
  /** Whether a main process that outlives the stop command gets SIGTERM and SIGKILL; true where it is not given. */
  readonly kill?: boolean | undefined;
  look(): Promise<Sighting>;
  /** What was seen just now, or a look. */
  lookOrRecall(): Promise<Sighting>;
}

/** How often the pid file is looked at while a service comes up or goes down. */
const lookEvery = 50;
/** After a stop command that took the whole stop timeout, SIGTERM gets at most this long before SIGKILL. */
const termWithin = 5_000;
/** A restart command may keep the process (nginx re-executes itself); this long a new one is waited for. */
const samePidGrace = 1_000;

/** Runs the start command, unless a copy is alive, and waits until the main process is there. */
export async function startPlain(service: PlainService, signal?: AbortSignal): Promise<OperationResult> {
  const { clock } = service.host;
  const began = clock.monotonic();
  const before = await service.lookOrRecall();
  if (before.main !== undefined) {
    return done(
      `already running, pid ${before.main.pid}; no second copy was started`,
      began,
      clock.monotonic(),
    );
  }
  if (service.start === undefined) {
    return failed(
      'there is no start command; give `start: [...]` under `commands`',
      began,
      clock.monotonic(),
    );
  }
  const ended = await endRemains(service, before, signal);
  return also(ended, await begin(service, service.start, 'start', undefined, began, signal));
}

/**
 * Runs the stop command; without one, or where the main process outlives it and the stop timeout, sends TERM and then
 * KILL to exactly the identified process, as systemd does after ExecStop= (systemd.service(5), TimeoutStopSec=).
 */
export async function stopPlain(service: PlainService, signal?: AbortSignal): Promise<OperationResult> {
  const { clock } = service.host;
  const began = clock.monotonic();
  const before = await service.look();
  const main = before.main;
  if (main === undefined && (before.state === 'gone' || service.stop === undefined)) {
    return before.state === 'gone'
      ? done(`not running (${before.detail})`, began, clock.monotonic())
      : failed(`cannot tell what to stop: ${before.detail}`, began, clock.monotonic());
  }
  if (service.stop !== undefined) return stopByCommand(service, service.stop, main, began, signal);
  if (main === undefined) return done('not running', began, clock.monotonic());
  return endProcess(service.host, main, service.stopTimeout, began, signal);
}

async function stopByCommand(
  service: PlainService,
  stop: CommandSpec,
  main: ProcessIdentity | undefined,
  began: number,
  signal: AbortSignal | undefined,
): Promise<OperationResult> {
  const { clock, commands } = service.host;
  const ran = await commands.run(stop, { leaves: 'daemon', ...given(signal) });
  const output = outputOf(ran);
  const left = await waitForEnd(service, main, service.stopTimeout, signal);
  const now = clock.monotonic();
  if (left === undefined) {
    return succeeded(ran)
      ? done('stopped', began, now, output)
      : failed(`it is stopped, but the stop command failed: ${endingOf(ran)}`, began, now, output);
  }
  const ended = succeeded(ran) ? 'ended well' : `failed (${endingOf(ran)})`;
  const still = `the stop command ${ended}, but pid ${left.pid} still runs after ${formatDuration(now - began)}`;
  // Only what was known as the main process before the command ran; what came up meanwhile was not meant.
  if (service.kill === false || main === undefined || signal?.aborted === true) {
    return failed(still, began, now, output);
  }
  const result = await endProcess(
    service.host,
    left,
    Math.min(service.stopTimeout, termWithin),
    began,
    signal,
  );
  const say = result.ok ? done : failed;
  return say(`${still}; ${result.detail}`, began, clock.monotonic(), output);
}

/**
 * Ends what a main process that died left running in the session it led, such as the workers of an nginx whose master was
 * killed: they hold its port, and nobody leads them any more. Returns how many there were.
 */
async function endRemains(
  { host, kill, stopTimeout }: PlainService,
  { state, last }: Sighting,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (state !== 'gone' || last === undefined || kill === false) return 0;
  const remains = await host.processes.remains(last);
  const began = host.clock.monotonic();
  const patience = Math.min(stopTimeout, termWithin);
  await Promise.all(remains.map(({ identity }) => endProcess(host, identity, patience, began, signal)));
  return remains.length;
}

function also(ended: number, result: OperationResult): OperationResult {
  if (ended === 0) return result;
  const what =
    ended === 1 ? 'a process that the dead one had left' : `${ended} processes that the dead one had left`;
  return { ...result, detail: `${result.detail}; ended before: ${what}` };
}

/**
 * The restart command, or stop and then start; what could not be stopped is never started a second time. Once it has begun to
 * stop nothing cuts it short: an agent that quits in between would leave the service down, and nobody to start it.
 */
export async function restartPlain(service: PlainService, signal?: AbortSignal): Promise<OperationResult> {
  const { clock } = service.host;
  const began = clock.monotonic();
  if (service.restart !== undefined) {
    const before = await service.look();
    const ended = await endRemains(service, before, signal);
    return also(ended, await begin(service, service.restart, 'restart', before.main, began, signal));
  }
  if (signal?.aborted === true) return failed('given up before it began', began, clock.monotonic());
  const stopped = await stopPlain(service);
  if (!stopped.ok && (await service.look()).state !== 'gone') {
    return { ...stopped, detail: `not started again, because it could not be stopped: ${stopped.detail}` };
  }
  const started = await startPlain(service);
  return { ...started, tookMs: clock.monotonic() - began };
}

/** Runs the reload command; its exit code is the answer. */
export async function reloadPlain(service: PlainService, signal?: AbortSignal): Promise<OperationResult> {
  const { clock, commands } = service.host;
  const began = clock.monotonic();
  if (service.reload === undefined) {
    return failed(
      'there is no reload command; give `reload: [...]` under `commands`',
      began,
      clock.monotonic(),
    );
  }
  const ran = await commands.run(service.reload, { leaves: 'daemon', ...given(signal) });
  const now = clock.monotonic();
  return succeeded(ran)
    ? done('reloaded', began, now, outputOf(ran))
    : failed(`the reload command failed: ${endingOf(ran)}`, began, now, outputOf(ran));
}

/** Runs a command that is to bring the service up, and waits for a main process other than `before`. */
async function begin(
  service: PlainService,
  command: CommandSpec,
  name: 'start' | 'restart',
  before: ProcessIdentity | undefined,
  began: number,
  signal: AbortSignal | undefined,
): Promise<OperationResult> {
  const { clock, commands } = service.host;
  const verb = name === 'start' ? 'started' : 'restarted';
  const ran = await commands.run(command, { leaves: 'daemon', ...given(signal) });
  const output = outputOf(ran);
  if (!succeeded(ran)) {
    const hint =
      ran.outcome === 'timed-out'
        ? '; it must leave the service behind and end by itself (a program that stays in the foreground can be started with systemd-run or setsid)'
        : '';
    return failed(`the ${name} command failed: ${endingOf(ran)}${hint}`, began, clock.monotonic(), output);
  }
  const ranAt = clock.monotonic();
  let last: Sighting | undefined;
  const found = await until(clock, { within: service.startTimeout, every: lookEvery, signal }, async () => {
    last = await service.look();
    const main = last.main;
    // A process found by its command line may be the command's own helper: the pid file has the last word.
    if (main === undefined || (service.pidfile !== undefined && !last.named)) return undefined;
    const kept = before !== undefined && main.pid === before.pid && main.start === before.start;
    return kept && clock.monotonic() - ranAt < samePidGrace ? undefined : { main, kept };
  });
  const now = clock.monotonic();
  if (found !== undefined) {
    const trouble = await leaveOurUnit(service.host, service.service, found.main);
    const kept = found.kept ? ' (it kept its process)' : '';
    const but = trouble === undefined ? '' : `, but ${trouble}`;
    return done(`${verb}, pid ${found.main.pid}${kept}${but}`, began, now, output);
  }
  if (last?.main !== undefined) {
    return done(`${verb}, pid ${last.main.pid}, but ${last.warnings.join('; ')}`, began, now, output);
  }
  if (last?.state === 'unclear') {
    return done(`the ${name} command ended well; ${last.detail}`, began, now, output);
  }
  const why = last?.detail ?? 'given up';
  return failed(
    `the ${name} command ended well, but after ${formatDuration(now - ranAt)} ${why}`,
    began,
    now,
    output,
  );
}

/** Waits until the process (or, where it is not known, whatever is found) has ended; returns what is left. */
async function waitForEnd(
  service: PlainService,
  main: ProcessIdentity | undefined,
  within: number,
  signal: AbortSignal | undefined,
): Promise<ProcessIdentity | undefined> {
  const { clock, deaths, processes } = service.host;
  if (main === undefined) return (await service.look()).main;
  return (await gone(deaths, clock, main, within, signal)) || !processes.alive(main) ? undefined : main;
}

function given(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
