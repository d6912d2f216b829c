import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed, program, start } from './bed.ts';
import { eventually } from './eventually.ts';

let bed: Bed;

beforeEach(() => {
  bed = makeBed();
  bed.write('rules/a.yaml', `service: a\nchecks:\n  there: { file: ${bed.path('there')} }\n`);
  bed.write('there', 'x');
});

afterEach(() => bed.close());

/** Runs a line of bash with `$W` as the program. */
function shell(line: string) {
  return start('bash', ['-c', line], bed.folder, { W: `${process.execPath} ${program}` });
}

describe('watcher run', () => {
  it('as a dry run goes on without a terminal and without a socket until it is told to stop', async () => {
    const agent = bed.adopt(bed.start('run', '--dry-run'));
    await eventually('its log', () => agent.output().includes('dry run of') || undefined, {
      explain: agent.output,
    });
    bed.write('rules/a.yaml', `service: a\nchecks:\n  there: { file: ${bed.path('gone')} }\n`);
    agent.child.kill('SIGHUP');
    // It still decides: a failure that came after its start is in the log.
    await eventually('a decision', () => /there.*(fail|down)/i.test(agent.output()) || undefined, {
      explain: agent.output,
    });
    expect(agent.child.exitCode).toBe(null);
    agent.child.kill('SIGTERM');
    expect((await agent.ended).code).toBe(0);
  });

  it('does not wait when it is told again to stop while an operation is under way', async () => {
    const marker = bed.path('restarting');
    bed.write(
      'rules/slow.yaml',
      `service: slow
manager: { commands: { pidfile: ${bed.path('slow.pid')}, start: { shell: true, run: "touch ${marker}; sleep 60", timeout: 61s } } }
checks:
  alive: { process: {}, repair: start }
`,
    );
    const agent = await bed.startAgent();
    await eventually('the operation', () => existsSync(marker) || undefined, { explain: agent.output });
    agent.child.kill('SIGTERM');
    await eventually('its end', () => {
      if (agent.child.exitCode === null) agent.child.kill('SIGTERM');
      return agent.child.exitCode ?? undefined;
    });
    expect((await agent.ended).code).toBe(143);
    expect(agent.output()).toContain('SIGTERM again');
  });

  it('goes on without its log when nobody reads it any more', async () => {
    const piped = bed.adopt(shell('$W run 2>&1 | head -1'));
    await eventually('the agent', async () => (await bed.cli('summary')).code === 0 || undefined, {
      explain: piped.output,
    });
    // Something to log, after its reader has gone.
    expect((await bed.cli('unmonitor', 'a')).code).toBe(0);
    expect((await bed.cli('monitor', 'a')).code).toBe(0);
    expect((await bed.cli('summary')).code).toBe(0);
    expect((await bed.cli('quit')).code).toBe(0);
    await piped.ended;
    expect(existsSync(bed.socket)).toBe(false);
  });
});

describe('a command whose output cannot be written', () => {
  it('says so and ends with 74 where the disk is full', async () => {
    const { code, stderr } = await shell('$W kinds >/dev/full').ended;
    expect(stderr).toMatch(/^watcher: cannot write to standard output: .*no space left/i);
    expect(code).toBe(74);
  });

  it('ends quietly where its reader has gone', async () => {
    const { code, stderr, stdout } = await shell('$W config show | head -0; echo ${PIPESTATUS[0]}').ended;
    expect(stderr).toBe('');
    expect(stdout.trim()).toMatch(/^(141|0)$/);
    expect(code).toBe(0);
  });
});
