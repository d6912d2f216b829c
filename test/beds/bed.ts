import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createHost } from '../../src/host/real-host.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';

/** What a program answered. */
export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of the box to its end. */
export function run(program: string, ...argv: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(program, argv, { encoding: 'utf8', maxBuffer: 1e8 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err });
    });
  });
}

/** Like `run`, for what must work. */
export async function must(program: string, ...argv: readonly string[]): Promise<string> {
  const answer = await run(program, ...argv);
  if (answer.code !== 0)
    throw new Error(`${program} ${argv.join(' ')}: ${answer.code} ${answer.out}${answer.err}`);
  return answer.out.trim();
}

/** A manager's context with short deadlines, on the real host. */
export function context(service: string, changes: Partial<ManagerContext> = {}): ManagerContext {
  const { host = createHost() } = changes;
  return { service, startTimeout: 5_000, stopTimeout: 5_000, ...changes, host };
}

/** Waits until the report is as wanted; fails with the last report when it does not come. */
export async function reported(
  manager: Manager,
  wanted: (report: ManagerReport) => boolean,
  within = 10_000,
): Promise<ManagerReport> {
  const end = performance.now() + within;
  for (;;) {
    const report = await manager.report();
    if (wanted(report)) return report;
    if (performance.now() > end) throw new Error(`never as wanted; last: ${JSON.stringify(report)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits for a condition of the box. */
export async function eventually(holds: () => Promise<boolean> | boolean, within = 10_000): Promise<void> {
  const end = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Waits until no process has its working directory in the folder any more. Supervisors of runit and s6 work in the folder
 * of their service, and write there until they end.
 */
export function vacated(folder: string): Promise<void> {
  return eventually(
    () => !readdirSync('/proc').some((pid) => isWithin(workingDirectory(pid), folder)),
    20_000,
  );
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Removes a folder with all that is in it, also while something that is about to end still writes there. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Writes a unit file of the box and loads it. */
export async function unit(
  name: string,
  lines: readonly string[],
  folder = '/etc/systemd/system',
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}`, `${lines.join('\n')}\n`);
  await must('systemctl', 'daemon-reload');
}

/** Removes the unit file and every trace of the unit. */
export async function removeUnit(name: string): Promise<void> {
  await run('systemctl', 'stop', name);
  rmSync(`/etc/systemd/system/${name}`, { force: true });
  await must('systemctl', 'daemon-reload');
  await run('systemctl', 'reset-failed', name);
}
