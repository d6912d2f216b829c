import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Summary } from '../../src/control/api.ts';
import { eventually, must, run } from './bed.ts';

/** The program as npm installs it for all users; below a home folder ordinary users could not read it. */
export const watcher = '/usr/local/bin/watcher';

/** Puts the built program with the packages that it needs where a global installation has them. */
export function putProgram(): void {
  const folder = '/usr/local/lib/node_modules/watcher';
  rmSync(folder, { recursive: true, force: true });
  rmSync(watcher, { force: true });
  const lock = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const packages = Object.entries(lock.packages).flatMap(([path, { dev }]) => (dev ? [] : [path]));
  for (const path of ['dist', 'rules', 'deploy', 'package.json', ...packages]) {
    if (!existsSync(path)) continue;
    mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
    cpSync(path, `${folder}/${path}`, { recursive: true });
  }
  symlinkSync(`${folder}/dist/watcher.js`, watcher);
}

/** A property of the watcher's own unit. */
export async function property(name: string): Promise<string> {
  return must('systemctl', 'show', '-P', name, 'watcher');
}

/** What the running agent says. */
export async function summary(...words: readonly string[]): Promise<Summary | undefined> {
  const ran = await run(watcher, 'summary', '--json', ...words);
  return ran.out === '' ? undefined : (JSON.parse(ran.out) as Summary);
}

/** Waits until something of the watcher is as wanted; fails with the last value and the end of the journal. */
export async function becomes(
  look: () => Promise<string | undefined>,
  wanted: string | RegExp,
): Promise<void> {
  let last: string | undefined;
  const fits = async (): Promise<boolean> => {
    last = await look();
    return typeof wanted === 'string' ? last === wanted : wanted.test(last ?? '');
  };
  await eventually(fits, 20_000).catch(async () => {
    const log = (await run('journalctl', '-u', 'watcher', '-n', '40', '--no-pager')).out;
    throw new Error(`it is '${last}', not '${wanted}'\n${log}`);
  });
}

/** Looks for the state of a service. */
export function stateOf(service: string): () => Promise<string | undefined> {
  return async () => (await summary())?.services.find((row) => row.service === service)?.state;
}
