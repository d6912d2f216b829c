import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silence } from '../../../src/cli/commands/silence.ts';
import { commands, globalOptions } from '../../../src/cli/commands.ts';
import { parseArguments } from '../../../src/cli/parse-arguments.ts';
import { plainStyle } from '../../../src/cli/print/style.ts';
import { type AgentBed, makeAgentBed } from '../../agent/live-agent.ts';

let bed: AgentBed;

beforeEach(async () => {
  bed = makeAgentBed();
  for (const name of ['api', 'web'])
    bed.write(
      `rules/${name}.yaml`,
      `service: ${name}\nlabels: { team: ${name}s }\nchecks:\n  responds: { file: /nowhere/r }\n  ready: { file: /nowhere/s }\n`,
    );
  await bed.started();
});

afterEach(() => bed.close());

async function run(...words: readonly string[]) {
  const parsed = parseArguments(['silence', ...words, '--socket', bed.socket], commands, globalOptions);
  if (!parsed.ok) throw new Error(parsed.message);
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    env: { USER: 'ann' },
    cwd: bed.folder,
    now: Date.now,
    style: plainStyle,
  };
  const code = await silence({ arguments: parsed.arguments, options: parsed.options, io });
  return { code, out: out.join(''), err: err.join('') };
}

async function silences() {
  const answered = await bed.client.silences();
  if (!answered.ok) throw new Error(answered.failure.message);
  return answered.value.silences.map(({ services, checks, labels }) => ({ services, checks, labels }));
}

describe('watcher silence', () => {
  it('silences one check of one service and all of another', async () => {
    const { code, out } = await run('api/responds', 'web', '--for', '2h');
    expect(code).toBe(0);
    expect(out).toMatch(/ web +\d[\s\S]* api\/responds +\d/);
    expect(await silences()).toEqual([
      { services: ['web'], checks: [], labels: {} },
      { services: ['api'], checks: ['api/responds'], labels: {} },
    ]);
  });

  it('silences what has all of the labels', async () => {
    const { code, out } = await run('--label', 'team=webs', '--label', 'tier=front', '--for', '2h');
    expect(code).toBe(0);
    expect(out).toContain('all services team=webs tier=front');
    expect(await silences()).toEqual([{ services: [], checks: [], labels: { team: 'webs', tier: 'front' } }]);
    expect((await run('--label', 'webs', '--for', '2h')).err).toContain("'webs' is no label");
    expect((await run('--label', 'team=webs')).err).toContain('a silence needs an end');
  });

  it('silences all that was named or nothing', async () => {
    await run('web/ready', '--for', '1h');
    const { code, err } = await run('web', 'api/reddy', '--for', '2h');
    expect(code).toBe(66);
    expect(err).toContain("did you mean 'api/ready'?");
    expect(await silences()).toEqual([{ services: ['web'], checks: ['web/ready'], labels: {} }]);
  });
});
