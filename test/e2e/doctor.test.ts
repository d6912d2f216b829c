import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import type { Bed } from './bed.ts';
import { makeBed } from './bed.ts';
import type { Service } from './services.ts';
import { nodeService } from './services.ts';

let bed: Bed;
let api: Service;

beforeAll(async () => {
  bed = makeBed('every: 1s\n');
  api = await nodeService(bed, 'api');
  await api.start();
  bed.write(
    'rules/api.yaml',
    `service: api\n${api.manager}\nchecks:\n  alive: { process: {}, repair: restart }\n`,
  );
});
afterAll(() => bed.close());

async function findings(): Promise<{ readonly code: number | null; readonly found: readonly Finding[] }> {
  const { code, stdout } = await bed.cli('doctor', '--json');
  return { code, found: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}
const codes = (found: readonly Finding[]): readonly string[] => found.map(({ code }) => code);

it('an agent that is away, and one that runs', async () => {
  const away = await findings();
  expect(away.code).toBe(1);
  expect(codes(away.found)).toEqual(expect.arrayContaining(['rules-load', 'agent-away', 'nobody-told']));
  await bed.startAgent();
  expect(codes((await findings()).found)).toContain('agent-runs');
});

it('two rules that repair one process', async () => {
  bed.write(
    'rules/too.yaml',
    `service: too\n${api.manager}\nchecks:\n  alive: { process: {}, repair: restart }\n`,
  );
  const { found } = await findings();
  expect(found).toContainEqual(
    expect.objectContaining({ code: 'two-rules', level: 'warning', service: 'too' }),
  );
  const { stdout, code } = await bed.cli('doctor', '--quiet');
  expect(code).toBe(1);
  expect(stdout).toContain('api and too: two rules repair the same process');
  expect(stdout).not.toContain('  ok  ');
});

it('rules with mistakes: their exit code, and everything else is still looked at', async () => {
  bed.write('rules/bad.yaml', 'service: bad\nchekcs: {}\n');
  const { code, found } = await findings();
  expect(code).toBe(78);
  expect(codes(found)).toContain('rules-refused');
  expect(found.some(({ topic }) => topic === 'machine')).toBe(true);
});
