import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Status, Summary, SummaryRow } from '../../src/control/api.ts';
import type { Event } from '../../src/model/event.ts';
import { eventually } from './eventually.ts';

export const program = fileURLToPath(new URL('../../dist/watcher.js', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running agent. */
export interface RunningAgent {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

/** A folder of its own with configuration, state and socket, and the built program in it. */
export interface Bed {
  readonly folder: string;
  readonly socket: string;
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string, mode?: number) => string;
  /** Runs the program to its end. */
  readonly cli: (...args: readonly string[]) => Promise<Ended>;
  /** The same with more in its environment. */
  readonly cliWith: (env: NodeJS.ProcessEnv, ...args: readonly string[]) => Promise<Ended>;
  /** Starts the program and hands it over. */
  readonly start: (...args: readonly string[]) => RunningAgent;
  /** Ends it at `close`. */
  readonly adopt: (running: RunningAgent) => RunningAgent;
  /** Lets another user reach the folder and its watcher.yaml, and a copy of the program. */
  readonly openTo: (uid: number) => void;
  /** The same as another user (needs root, and `openTo`). */
  readonly cliAs: (uid: number, ...args: readonly string[]) => Promise<Ended>;
  /** Starts the agent and waits until it answers. */
  readonly startAgent: (...args: readonly string[]) => Promise<RunningAgent>;
  readonly summary: () => Promise<Summary>;
  readonly status: (service: string) => Promise<Status['services'][number]>;
  readonly events: () => Promise<readonly Event[]>;
  /** Waits until the row of a service satisfies `test`. */
  readonly until: (service: string, what: string, test: (row: SummaryRow) => boolean) => Promise<SummaryRow>;
  /** Ends what was started here and removes the folder. */
  readonly close: () => Promise<void>;
  /** Called at `close`, last one first. */
  readonly onClose: (end: () => void | Promise<void>) => void;
}

/** Makes a bed; `watcher.yaml` gets `settings` below the places of state and socket. */
export function makeBed(settings = ''): Bed {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-e2e-'));
  const socket = join(folder, 'w.sock');
  const endings: (() => void | Promise<void>)[] = [];
  const agents: RunningAgent[] = [];

  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string, mode = 0o600): string => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text, { mode });
    return path(name);
  };
  write(
    'watcher.yaml',
    `state_dir: ${path('state')}\nsocket: ${socket}\nrules: [./rules/*.yaml]\n${settings}`,
  );
  mkdirSync(path('rules'));

  const adopt = (running: RunningAgent): RunningAgent => {
    agents.push(running);
    return running;
  };
  const cli = (...args: readonly string[]): Promise<Ended> => run(folder, args).ended;
  const json = async (...args: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await cli(...args, '--json');
    if (code !== 0) throw new Error(`watcher ${args.join(' ')} exited with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  };
  const summary = async (): Promise<Summary> => (await json('summary')) as Summary;

  return {
    folder,
    socket,
    path,
    write,
    cli,
    cliWith: (env, ...args) => run(folder, args, { env }).ended,
    start: (...args) => adopt(run(folder, args)),
    adopt,
    openTo(uid) {
      // The checkout may stand where others may not go.
      cpSync(dirname(program), path('program'), { recursive: true });
      chownSync(path('watcher.yaml'), uid, uid);
      chmodSync(folder, 0o755);
    },
    cliAs: (uid, ...args) => run(folder, args, { uid, file: path('program/watcher.js') }).ended,
    async startAgent(...args) {
      const agent = adopt(run(folder, ['run', ...args]));
      let over: Ended | undefined;
      void agent.ended.then((ended) => {
        over = ended;
      });
      await eventually(
        'an answering agent',
        async () => {
          if (over !== undefined) return over;
          return (await cli('summary')).code === 0 ? true : undefined;
        },
        { explain: agent.output },
      );
      if (over !== undefined) throw new Error(`the agent ended with ${over.code}:\n${agent.output()}`);
      return agent;
    },
    summary,
    async status(service) {
      const answer = (await json('status', service)) as Status;
      const [found] = answer.services;
      if (found === undefined) throw new Error(`no status of ${service}`);
      return found;
    },
    async events() {
      const { stdout } = await cli('events', '-n', '1000', '--json');
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Event);
    },
    until(service, what, test) {
      let seen = '';
      return eventually(
        `${service} ${what}`,
        async () => {
          const row = (await summary()).services.find((candidate) => candidate.service === service);
          seen = JSON.stringify(row);
          return row !== undefined && test(row) ? row : undefined;
        },
        { explain: () => `last seen: ${seen}\n${agents.at(-1)?.output() ?? ''}` },
      );
    },
    onClose(end) {
      endings.unshift(end);
    },
    async close() {
      for (const { child, ended } of agents) {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(late);
      }
      for (const end of endings) await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the built program in a folder, with nothing of this user's settings in its environment. */
export function run(
  folder: string,
  args: readonly string[],
  { uid, env = {}, file = program }: { uid?: number; env?: NodeJS.ProcessEnv; file?: string } = {},
): RunningAgent {
  return start(process.execPath, [file, ...args], folder, env, uid);
}

/** Starts any program there. */
export function start(
  file: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
  uid?: number,
): RunningAgent {
  const child = spawn(file, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'no-config'),
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, pid: child.pid ?? 0, output: () => `${stdout}${stderr}`, ended };
}

/** The process that a pid file names, when it is alive. */
export function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? undefined : pid;
  } catch {
    return undefined;
  }
}
