import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/control/api.ts';
import { type Bed, makeBed, program, run, start } from './bed.ts';
import { eventually } from './eventually.ts';
import { redisService } from './services.ts';

let bed: Bed;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  bed = makeBed();
  rmSync(bed.path('watcher.yaml'));
  // As systemd would give them: nothing of this machine's own state is touched.
  env = { STATE_DIRECTORY: bed.path('own-state'), RUNTIME_DIRECTORY: bed.path('own-run') };
});

afterEach(() => bed.close());

describe('without any configuration', () => {
  it('the agent watches the machine and the well-known services that it finds running', async () => {
    const cache = await redisService(bed, 'cache');
    await cache.start();
    const agent = bed.adopt(run(bed.folder, ['run'], { env }));
    const services = await eventually(
      'states of all services',
      async () => {
        const { code, stdout } = await bed.cliWith(env, 'summary', '--json');
        if (code !== 0) return undefined;
        const rows = (JSON.parse(stdout) as Summary).services;
        return rows.every(({ state }) => state !== 'pending') ? rows : undefined;
      },
      { explain: agent.output },
    );
    expect(services.map(({ service }) => service)).toEqual(expect.arrayContaining(['host', 'redis']));
    expect(services.find(({ service }) => service === 'redis')?.state).toBe('up');
    expect(agent.output()).toContain('ready-made rules');
    expect(agent.output()).toContain(bed.path('own-state'));
    expect(agent.output()).toContain(bed.path('own-run/watcher.sock'));
    agent.child.kill('SIGINT');
    expect((await agent.ended).code).toBe(0);
  });

  it('check and once work as well', async () => {
    expect((await bed.cliWith(env, 'check')).code).toBe(0);
    const { code, stdout } = await bed.cliWith(env, 'once', 'host');
    expect([0, 1, 2]).toContain(code);
    expect(stdout).toMatch(/^host\s+(up|warning|down)\s+6/m);
  });

  it('one Ctrl-C that comes twice, from the terminal and passed on, is one: all is tidied up', async () => {
    const agent = bed.adopt(run(bed.folder, ['run'], { env }));
    await eventually('the agent', () => agent.output().includes('socket') || undefined, {
      explain: agent.output,
    });
    agent.child.kill('SIGINT');
    agent.child.kill('SIGINT');
    expect((await agent.ended).code).toBe(0);
    expect(existsSync(bed.path('own-run/watcher.sock'))).toBe(false);
    expect(existsSync(bed.path('own-state/agent.pid'))).toBe(false);
  });

  it('on a terminal the summary is drawn again in place', async () => {
    // script(1) runs a command on a terminal of its own.
    const command = `${process.execPath} ${program} run`;
    const typed = bed.adopt(
      start('script', ['-qfec', command, '/dev/null'], bed.folder, { ...env, TERM: 'xterm' }),
    );
    const output = await eventually(
      'a second drawing',
      () => (typed.output().split('\u001b[J').length > 2 ? typed.output() : undefined),
      { explain: typed.output },
    );
    expect(output).toMatch(/SERVICE\s+STATE\s+SINCE\s+PROBLEM/);
    expect(output).toContain('Ctrl-C stops it');
    expect((await bed.cliWith(env, 'quit')).code).toBe(0);
    await typed.ended;
  });
});
