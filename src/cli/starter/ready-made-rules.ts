import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RuleSource } from '../../config/files/gather.ts';
import type { Processes } from '../../host/processes.ts';
import { packageFile } from '../rules/package-file.ts';

/** A rule file that comes with the program. */
export interface ReadyMadeRules extends RuleSource {
  /** `nginx` of nginx.yaml. */
  readonly name: string;
  /** Kernel names of the processes that it is for (`# when running: nginx`); empty: for every machine. */
  readonly whenRunning: readonly string[];
}

/** Those of the ready-made rules that suit this machine: for any machine, and for the services found running. */
export async function suitingRules(processes: Processes): Promise<readonly ReadyMadeRules[]> {
  const [rules, table] = await Promise.all([readyMadeRules(), processes.table()]);
  const running = new Set([...table.byPid.values()].map((entry) => entry.comm));
  return rules.filter(
    ({ whenRunning }) => whenRunning.length === 0 || whenRunning.some((name) => running.has(name)),
  );
}

/** All of them, sorted by name. */
export async function readyMadeRules(): Promise<readonly ReadyMadeRules[]> {
  const folder = dirname(packageFile('rules', 'host.yaml'));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const text = await readFile(file, 'utf8');
      const when = /^# when running: (.*)$/m.exec(text)?.[1] ?? '';
      return {
        file,
        text,
        name: name.slice(0, -'.yaml'.length),
        whenRunning: when.split(/[,\s]+/).filter(Boolean),
      };
    }),
  );
}
