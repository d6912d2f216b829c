import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { end, launch, type Running } from './contenders/contender.ts';
import { until } from './machine.ts';
import { writeFile } from './service.ts';

export interface BenchAgent extends Running {
  /** Milliseconds from the start of the program to its socket's first answer. */
  readonly answeredAfterMs: number;
  /** Runs the built CLI against this agent. */
  cli(...words: string[]): string;
}

interface Started {
  pid(): number;
  hasEnded(): boolean;
  close(): Promise<void>;
}

export interface AgentOptions {
  /** Lines of its configuration. */
  readonly settings?: string;
  /** By default in the foreground. */
  readonly start?: (dir: string, argv: readonly string[]) => Started;
}

/** Flags for the agent's Node, to profile it: `BENCH_NODE_FLAGS='--cpu-prof --cpu-prof-dir=/tmp/profiles'`. */
const nodeFlags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');

/** Starts the built agent with one rule file of many services; resolves when its socket answers. */
export async function startAgent(
  root: string,
  dir: string,
  services: readonly string[],
  { settings = '', start = inForeground }: AgentOptions = {},
): Promise<BenchAgent> {
  const home = `${dir}/agent`;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFile(`${home}/rules.yaml`, services.join('\n---\n'));
  const config = writeFile(
    `${home}/watcher.yaml`,
    `rules: [./rules.yaml]\nstate_dir: ${home}/state\nsocket: ${home}/watcher.sock\n${settings}`,
  );
  const started = performance.now();
  const program = [process.execPath, ...nodeFlags, `${root}dist/watcher.js`];
  const agent = start(dir, [...program, 'run', '--config', config]);
  const cli = (...words: string[]) =>
    execFileSync(process.execPath, [`${root}dist/watcher.js`, ...words, '--socket', `${home}/watcher.sock`], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  while (!(await answers(`${home}/watcher.sock`))) {
    if (agent.hasEnded()) throw new Error(`the agent has ended; see ${dir}/agent.log`);
    if (performance.now() - started > 60_000) throw new Error('gave up waiting for the agent to answer');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { pid: agent.pid(), answeredAfterMs: performance.now() - started, cli, close: agent.close };
}

function inForeground(dir: string, argv: readonly string[]): Started {
  const child = launch({ dir }, 'agent', argv);
  return { pid: () => child.pid ?? 0, hasEnded: () => child.exitCode !== null, close: () => end(child) };
}

/** As deploy/ has it: a unit of systemd with a watchdog. */
export function asUnit(dir: string, argv: readonly string[]): Started {
  const unit = 'bench-agent.service';
  const show = (property: string) =>
    execFileSync('systemctl', ['show', '--value', `--property=${property}`, unit], {
      encoding: 'utf8',
    }).trim();
  const properties = [
    'Type=notify',
    'NotifyAccess=main',
    'WatchdogSec=30s',
    `StandardError=file:${dir}/agent.log`,
  ];
  const words = [
    '--quiet',
    '--no-block',
    `--unit=${unit}`,
    '--collect',
    ...properties.flatMap((p) => ['-p', p]),
  ];
  execFileSync('systemd-run', [...words, ...argv]);
  return {
    pid: () => Number(show('MainPID')),
    hasEnded: () => !['active', 'activating'].includes(show('ActiveState')),
    async close() {
      execFileSync('systemctl', ['stop', unit]);
      await until('the unit of the agent to be gone', () => show('LoadState') === 'not-found', 10_000, 20);
    },
  };
}

/** Whether the socket answers a request. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/v1/summary', agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

/** Waits until every service has left its first, pending, state. */
export async function settled(agent: BenchAgent, limitMs = 60_000): Promise<void> {
  await until(
    'every check to have run',
    () => {
      const { services } = JSON.parse(agent.cli('summary', '--json')) as { services: { state: string }[] };
      return services.every((service) => service.state !== 'pending');
    },
    limitMs,
    300,
  );
}
