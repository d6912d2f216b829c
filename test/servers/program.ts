import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { closedPort } from './listen.ts';

export interface RunningProgram {
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a real server in the foreground in a folder of its own and waits until it takes connections. */
export async function startProgram(
  command: string,
  argumentsFor: (folder: string, port: number) => readonly string[],
): Promise<RunningProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-program-'));
  const port = await closedPort();
  const child = spawn(command, [...argumentsFor(folder, port)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (data) => {
    output += String(data);
  });
  child.stderr?.on('data', (data) => {
    output += String(data);
  });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const until = performance.now() + 15_000;
  while (!(await takes(port))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new Error(`${command} did not come up: ${output}`);
    }
    await pause(20);
  }
  return { port, folder, pid: child.pid ?? 0, stop };
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
