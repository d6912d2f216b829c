import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../src/cli/rules/load-rules.ts';
import { type ReadyMadeRules, readyMadeRules, suitingRules } from '../src/cli/starter/ready-made-rules.ts';
import type { ProcessEntry, Processes } from '../src/host/processes.ts';
import { renderProblems } from '../src/schema/frame.ts';

const surroundings = { env: {}, cwd: '/', home: homedir(), uid: 0 };
const all = await readyMadeRules();

function processesNamed(...names: readonly string[]): Processes {
  const entries = names.map((comm, index) => [index + 1, { comm } as ProcessEntry] as const);
  return { table: async () => ({ byPid: new Map(entries) }) } as unknown as Processes;
}

async function suiting(...names: readonly string[]): Promise<readonly string[]> {
  return (await suitingRules(processesNamed(...names))).map(({ name }) => name);
}

describe('ready-made rules', () => {
  it.each(all)('$name loads without a problem', async (rules: ReadyMadeRules) => {
    const loaded = await loadRules({ embedded: [rules], title: rules.name }, surroundings);
    // Nobody is told: there are no notifiers in here.
    const problems = loaded.problems.filter(({ code }) => code !== 'told-to-nobody');
    expect(renderProblems(problems, loaded.sources)).toBe('');
    expect(loaded.config?.services.map(({ name }) => name)).toEqual([rules.name]);
  });

  it('load together, and only tell', async () => {
    const loaded = await loadRules({ embedded: all, title: 'all' }, surroundings);
    expect(loaded.config?.services).toHaveLength(all.length);
    for (const service of loaded.config?.services ?? []) {
      expect(service.manager).toBeUndefined();
      expect(service.checks.flatMap(({ repair }) => repair)).toEqual([]);
    }
  });

  it('suit what is found running', async () => {
    expect(await suiting()).toEqual(['host']);
    expect(await suiting('nginx', 'mariadbd', 'bash')).toEqual(['host', 'mysql', 'nginx']);
  });

  it.each(all.filter(({ name }) => name !== 'host'))('$name says when it suits', ({ whenRunning }) => {
    expect(whenRunning.length).toBeGreaterThan(0);
    // The kernel keeps 15 characters of a name.
    for (const name of whenRunning) expect(name.length).toBeLessThanOrEqual(15);
  });
});
