import type { Host } from '../host/host.ts';
import { pause } from '../host/time/pause.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { command, path, text } from '../schema/fields.ts';
import { followThrough, type Request } from './follow-through.ts';
import { homeOf } from './home-of.ts';
import { mainFollower } from './main-follower.ts';
import { type Discovery, defineManager, type Manager, type ManagerContext, notHere } from './manager-kind.ts';
import { endingOf, outputOf, succeeded } from './outcome.ts';
import { runSharedTool } from './shared-tool.ts';
import { askTool, runTool } from './tool.ts';
import { watchLater } from './watch-later.ts';

const options = {
  uid: text({
    summary: 'The uid that the script was started with (forever start --uid api ...).',
    example: 'api',
  }),
  start: command({
    summary: 'How it is started: forever forgets what it stopped.',
    optional: true,
    example: '[forever, start, --uid, api, -a, /srv/api/server.js]',
  }),
  user: text({
    summary: 'Whose forever: that of this user (needs root).',
    optional: true,
    example: 'deploy',
  }),
  home: path({
    summary: 'FOREVER_ROOT, where it is not .forever in the home folder of the user.',
    optional: true,
  }),
};

/** Scripts of forever, through its program and its pid files. */
export const forever = defineManager({
  kind: 'forever',
  summary: 'A script that forever keeps running.',
  options,
  main: 'uid',
  can: (given) => (given.start === undefined ? ['stop', 'restart'] : ['start', 'stop', 'restart']),
  notes: {
    sees: 'Whether it runs, its process, its log file. forever keeps no restart counts.',
    events: 'Deaths of the process, and changes of its pid file.',
    rights:
      'The same user as forever, or root. `watcher init` and `watcher doctor` see the scripts of the user that runs them.',
    intent:
      'Stopped on purpose: forever has it no more in its list and removed its pid file (forever stop). In the list as STOPPED: forever gave up. Gone with its pid file left behind: its monitor was killed.',
  },
  example: [
    'manager:',
    '  forever:',
    '    uid: api',
    '    start: [forever, start, --uid, api, -a, /srv/api/server.js]',
  ].join('\n'),
  open,
  discover,
});

/** Milliseconds that forever has to take a pid file away. */
const secondLook = 1_000;

/** Node's own warnings of forever's age would be all that its output says. */
const quiet = { NODE_NO_WARNINGS: '1' };

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const follower = mainFollower(host);

  async function root(): Promise<string> {
    return given.home ?? `${await homeOf(host, given.user)}/.forever`;
  }

  async function toolOptions() {
    return { user: given.user, env: { ...quiet, FOREVER_ROOT: await root() } };
  }

  async function pidFile(): Promise<string> {
    return `${await root()}/pids/${given.uid}.pid`;
  }

  async function report(): Promise<ManagerReport> {
    const first = await look();
    if (first !== 'left behind') return first;
    // A stop by hand ends the process first and takes the pid file away a moment later.
    await pause(host.clock, secondLook);
    const second = await look();
    if (second !== 'left behind') return second;
    return {
      intent: 'run',
      activity: 'failed',
      detail: 'it is gone, and so is the monitor of forever; its pid file is left behind',
    };
  }

  async function look(): Promise<ManagerReport | 'left behind'> {
    const file = await host.files.read(await pidFile(), 64);
    const main = file.ok ? host.processes.identify(Number(file.value)) : undefined;
    follower.note(main);
    // A live process in the pid file is told apart by its parent without starting a program for it.
    if (main !== undefined) {
      const table = await host.processes.table();
      const parent = table.byPid.get(table.byPid.get(main.pid)?.ppid ?? 0);
      const kept = parent?.details().argv.some((word) => word.includes('forever')) === true;
      const warnings = kept ? {} : { warnings: ['the monitor of forever is gone: nothing restarts it'] };
      return { intent: 'run', activity: 'running', detail: 'running', main, ...warnings };
    }
    const ran = await runSharedTool(host, ['forever', 'list', '--plain'], await toolOptions());
    if (!succeeded(ran))
      return { intent: 'unknown', activity: 'unknown', detail: `forever list: ${endingOf(ran)}` };
    const listed = listedAs(ran.stdout, given.uid);
    if (listed === 'stopped')
      return { intent: 'run', activity: 'failed', detail: 'forever gave up on it (STOPPED)' };
    if (listed === 'running')
      return { intent: 'run', activity: 'restarting', detail: 'forever is about to restart it' };
    if (file.ok) return 'left behind';
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: 'stopped by hand (forever does not know it any more)',
    };
  }

  async function request(kind: 'start' | 'stop' | 'restart' | 'reload'): Promise<Request> {
    const tool = await toolOptions();
    if (kind !== 'start') {
      const verb = kind === 'stop' ? 'stop' : 'restart';
      const done = await askTool(host, ['forever', verb, '--plain', given.uid], {
        ...tool,
        timeout: context.stopTimeout + 5_000,
      });
      if (kind === 'stop' || (done.ok && !/cannot find|no forever|STOPPED/i.test(done.output ?? '')))
        return done;
      // Of a script that it gave up on forever keeps an entry, which would be in the way of a second one.
      await askTool(host, ['forever', 'stop', '--plain', given.uid], tool);
    }
    if (given.start === undefined) {
      return {
        ok: false,
        reason: 'forever does not know it any more; give `start: [...]` to start it again',
      };
    }
    const spec = { ...given.start, env: { ...tool.env, ...given.start.env } };
    const ran = await host.commands.run(
      { ...spec, ...(given.user === undefined || spec.user !== undefined ? {} : { user: given.user }) },
      { leaves: 'daemon' },
    );
    const output = outputOf(ran);
    return succeeded(ran)
      ? { ok: true, output }
      : { ok: false, reason: `the start command failed: ${endingOf(ran)}`, output };
  }

  return {
    report,
    operate: (kind, signal) => followThrough({ kind, context, signal, report, request: () => request(kind) }),
    async logs(lines) {
      const ran = await runSharedTool(host, ['forever', 'list', '--plain'], await toolOptions());
      const file =
        rowOf(ran.stdout, given.uid)?.match(/\s(\/\S+\.log)\s/)?.[1] ?? `${await root()}/${given.uid}.log`;
      const tail = await host.files.tail(file);
      return tail.ok ? tail.value.trimEnd().split('\n').slice(-lines) : [];
    },
    follow: (changed) => follower.follow(changed, (tell) => watchLater(host.files, pidFile(), tell)),
    close: () => follower.close(),
  };
}

/** Whether `forever list` has the script, and whether forever still keeps it running. */
export function listedAs(output: string, uid: string): 'running' | 'stopped' | 'absent' {
  const row = rowOf(output, uid);
  if (row === undefined) return 'absent';
  return /\bSTOPPED\b/.test(row) ? 'stopped' : 'running';
}

/** The script's row, without colours: `data:    [0] api /usr/bin/node f.js 132 140 /var/log/f.log 0:0:0:0.988`. */
function rowOf(output: string, uid: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the control character ESC
  const lines = output.replace(/\x1b\[\d*m/g, '').split('\n');
  return lines.find((line) => /\[\d+\]\s+(\S+)/.exec(line)?.[1] === uid);
}

/** Scripts of this user's forever that have a name of their own; without one forever makes up another at every start. */
async function discover(host: Host): Promise<Discovery> {
  const table = await host.processes.table();
  const monitors = [...table.byPid.values()].filter((entry) =>
    entry.details().argv.some((word) => word.endsWith('forever/bin/monitor')),
  );
  if (monitors.length === 0) return notHere;
  const ran = await runTool(host, ['forever', 'list', '--plain'], { env: quiet });
  if (!succeeded(ran)) return { present: true, services: [], trouble: `forever list: ${endingOf(ran)}` };
  const services = scriptsIn(ran.stdout).map(({ uid, pid, command }) => ({
    name: uid,
    manager: { forever: uid },
    detail: command,
    pids: [pid],
    restarts: 'forever',
    lasting: true,
  }));
  return { present: true, services };
}

/** Running scripts in what `forever list --plain` prints: columns uid, command, script, forever's pid, pid, log file, uptime. */
export function scriptsIn(
  output: string,
): readonly { readonly uid: string; readonly command: string; readonly pid: number }[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the control character ESC
  const plain = output.replace(/\x1b\[\d*m/g, '');
  return [...plain.matchAll(/\[\d+\]\s+(\S+)\s+(\S.*?)\s+\d+\s+(\d+)\s+\/\S+\.log\s/g)].map(
    ([, uid = '', command = '', pid]) => ({ uid, command, pid: Number(pid) }),
  );
}
