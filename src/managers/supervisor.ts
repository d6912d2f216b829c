import type { Host } from '../host/host.ts';
import { pause } from '../host/time/pause.ts';
import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, secretText, text, url } from '../schema/fields.ts';
import { followThrough, type Request } from './follow-through.ts';
import { mainFollower } from './main-follower.ts';
import { defineManager, type Manager, type ManagerContext } from './manager-kind.ts';
import { callSupervisor, fullName, type ProcessInfo, readWithin } from './supervisor/supervisor-client.ts';
import { defaultSocket, discoverSupervisor } from './supervisor/supervisor-discovery.ts';
import { mainsOf, membersFor, together } from './together.ts';

const options = {
  program: text({
    summary: 'Program, as supervisorctl names it: app, group:app, or group:* for a whole group.',
    example: 'web:api',
  }),
  socket: path({ summary: 'The socket of [unix_http_server].', default: defaultSocket }),
  url: url({
    summary: 'Address of [inet_http_server], where there is no socket.',
    schemes: ['http', 'https'],
    optional: true,
    example: 'http://127.0.0.1:9001',
  }),
  username: text({ summary: 'User name of the socket or address, where it has one.', optional: true }),
  password: secretText({ summary: 'Its password.', optional: true }),
};

type Options = OptionsOf<typeof options>;

/**
 * A program that Supervisor will start again is EXITED for a moment (process.py, transition, at the next turn of its
 * loop of a second): so that is looked at twice.
 */
const secondLook = 1_200;
/** Milliseconds between two looks at a program without a process: Supervisor tells nobody of a start. */
const lookEvery = 1_000;
const logBytes = 16_384;

/** Programs of Supervisor, over XML-RPC on its unix socket or address. */
export const supervisor = defineManager({
  kind: 'supervisor',
  summary: 'A program of Supervisor, or a whole group.',
  options,
  main: 'program',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'State, process, exit code, spawn errors, the end of its logs.',
    events:
      'Deaths of its processes and of supervisord, and its return; while one is down it is asked every second whether it was started.',
    rights: "Reading and writing Supervisor's socket, and its user name and password where set.",
    intent:
      'Stopped on purpose: STOPPED (supervisorctl stop, or never started). EXITED, BACKOFF and FATAL are not.',
  },
  example: 'manager: { supervisor: "web:api" }',
  open,
  discover: discoverSupervisor,
});

function open(given: Options, context: ManagerContext): Manager {
  const { host } = context;
  const follower = mainFollower(host, { every: lookEvery, report });
  /** Its death is told, too: what it would start again it then does not. */
  const daemonFollower = mainFollower(host);
  let daemon: ProcessIdentity | undefined;
  /** What the watcher's own restart stopped and did not get up again. */
  const ownStops = new Set<string>();
  /** One of its processes has ended, at the last look; and was known to have been looked at twice. */
  let exited = false;
  let known = false;

  async function find(): Promise<
    | { readonly ok: true; readonly infos: readonly ProcessInfo[] }
    | { readonly ok: false; readonly missing: boolean; readonly reason: string }
  > {
    const answer = await callSupervisor(host, given, 'getAllProcessInfo', []);
    if (!answer.ok) return { ok: false, missing: false, reason: answer.reason };
    const infos = (answer.value as unknown as readonly ProcessInfo[]).filter((info) =>
      isMeant(info, given.program),
    );
    if (infos.length > 0) return { ok: true, infos };
    return {
      ok: false,
      missing: true,
      reason: `Supervisor knows no program ${given.program}; see: supervisorctl status`,
    };
  }

  async function report(): Promise<ManagerReport> {
    const first = await look();
    if (!exited || known) {
      known = exited;
      return first;
    }
    await pause(host.clock, secondLook);
    const second = await look();
    known = exited;
    return second;
  }

  async function look(): Promise<ManagerReport> {
    const found = await find();
    exited = found.ok && found.infos.some(({ statename: state }) => state === 'EXITED');
    if (!found.ok) {
      follower.note(undefined, found.missing ? 'missing' : 'unknown');
      return { intent: 'unknown', activity: found.missing ? 'missing' : 'unknown', detail: found.reason };
    }
    await lookAtDaemon();
    const members = membersOf(found.infos);
    const [first] = members;
    const whole = first !== undefined && members.length === 1 ? first.report : together('processes', members);
    const mains = mainsOf(whole);
    follower.note(mains, whole.activity, mains.length === members.length);
    if (whole.activity === 'running') ownStops.clear();
    return whole;
  }

  async function lookAtDaemon(): Promise<void> {
    // What answers at an address may be another machine.
    if (given.url !== undefined || (daemon !== undefined && host.processes.alive(daemon))) return;
    const answer = await callSupervisor(host, given, 'getPID', []);
    daemon =
      answer.ok && typeof answer.value === 'number' ? host.processes.identify(answer.value) : undefined;
    daemonFollower.note(daemon);
  }

  function membersOf(infos: readonly ProcessInfo[]) {
    return infos.map((info) => {
      const name = fullName(info);
      return { name, info, report: supervisorReport(info, host, ownStops.has(name)) };
    });
  }

  async function request(kind: 'start' | 'stop' | 'restart' | 'reload'): Promise<Request> {
    const found = await find();
    if (!found.ok) return { ok: false, reason: found.reason };
    const steps = kind === 'restart' ? (['stop', 'start'] as const) : [kind];
    for (const { info, name } of membersFor(kind, membersOf(found.infos))) {
      if (kind === 'stop') ownStops.delete(name);
      else if (kind !== 'reload') ownStops.add(name);
      for (const step of steps) {
        const answer = await (step === 'reload'
          ? callSupervisor(host, given, 'signalProcess', [name, 'HUP'])
          : callSupervisor(
              host,
              given,
              step === 'start' ? 'startProcess' : 'stopProcess',
              [name, true],
              readWithin + (step === 'start' ? context.startTimeout : context.stopTimeout),
            ));
        // 60 ALREADY_STARTED, 70 NOT_RUNNING (supervisor/xmlrpc.py): it is as it was asked to be.
        if (answer.ok || answer.code === 60 || answer.code === 70) continue;
        const output = await logTail(info);
        return { ok: false, reason: `Supervisor could not ${step} ${name}: ${answer.reason}`, output };
      }
    }
    return { ok: true };
  }

  async function logTail(info: ProcessInfo): Promise<string> {
    const parts = await Promise.all(
      ['tailProcessStdoutLog', 'tailProcessStderrLog'].map(async (method) => {
        const answer = await callSupervisor(host, given, method, [fullName(info), 0, logBytes]);
        return answer.ok && Array.isArray(answer.value) ? String(answer.value[0]).trimEnd() : '';
      }),
    );
    return parts.filter((part) => part !== '').join('\n');
  }

  return {
    report,
    async operate(kind, signal) {
      const result = await followThrough({ kind, context, signal, report, request: () => request(kind) });
      if (result.ok) ownStops.clear();
      return result;
    },
    async logs(lines) {
      const found = await find();
      if (!found.ok) return [found.reason];
      const texts = await Promise.all(found.infos.map(logTail));
      return texts.join('\n').split('\n').filter(Boolean).slice(-lines);
    },
    follow: (changed) =>
      follower.follow(changed, (tell) => {
        const stop = daemonFollower.follow(tell);
        // It makes its socket anew when it comes back.
        const unwatch = given.url === undefined ? host.files.watch(given.socket, tell) : undefined;
        return () => {
          stop();
          unwatch?.();
        };
      }),
    close() {
      follower.close();
      daemonFollower.close();
    },
  };
}

function isMeant(info: ProcessInfo, program: string): boolean {
  const [group, name] = program.split(':');
  if (name === undefined)
    return info.name === program && (info.group === program || info.group === info.name);
  return info.group === group && (name === '*' || name === '' || info.name === name);
}

/** Of a death by a signal Supervisor says exit status -1, and not which (supervisor/options.py, decode_wait_status). */
function exitOf({ spawnerr: error, exitstatus: status }: ProcessInfo): string {
  if (status === -1 && /^(Bad exit code|$)/.test(error)) return 'killed by a signal';
  return error === '' ? `exit code ${status}` : error;
}

/** States: supervisord.org/subprocess.html, "Process States". */
export function supervisorReport(info: ProcessInfo, host: Host, ownStop: boolean): ManagerReport {
  const main = info.pid > 0 ? host.processes.identify(info.pid) : undefined;
  const state = info.statename;
  const exited = state === 'EXITED' || state === 'BACKOFF' || state === 'FATAL';
  const common = {
    ...(main === undefined ? {} : { main }),
    ...(exited ? { lastExit: exitOf(info) } : {}),
  };
  const why = info.spawnerr === '' ? '' : `: ${exitOf(info)}`;
  switch (state) {
    case 'RUNNING':
      return { intent: 'run', activity: 'running', detail: state, ...common };
    case 'STARTING':
      return { intent: 'run', activity: 'starting', detail: state, ...common };
    case 'BACKOFF':
      return { intent: 'run', activity: 'restarting', detail: `${state}${why}`, ...common };
    case 'STOPPING':
      return { intent: 'unknown', activity: 'stopping', detail: state, ...common };
    case 'STOPPED':
      return ownStop
        ? {
            intent: 'run',
            activity: 'failed',
            detail: 'it was stopped to be started again, and was not',
            ...common,
          }
        : {
            intent: 'stopped',
            activity: 'stopped',
            detail: `stopped by hand (${state}: ${info.description})`,
            ...common,
          };
    case 'EXITED':
      return {
        intent: 'run',
        activity: 'failed',
        detail: `it ended by itself (${state}, ${exitOf(info)})`,
        ...common,
      };
    case 'FATAL':
      return { intent: 'run', activity: 'failed', detail: `${state}: Supervisor gave up${why}`, ...common };
    default:
      return { intent: 'unknown', activity: 'unknown', detail: `Supervisor says ${state}`, ...common };
  }
}
