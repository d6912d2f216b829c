import { chownSync, linkSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed } from './bed.ts';
import { makeBed } from './bed.ts';

let bed: Bed;

beforeEach(() => {
  bed = makeBed('every: 1s\n');
});

afterEach(() => bed.close());

const good = 'service: small\nchecks:\n  root: { filesystem: /, expect: [used < 100%] }\n';

describe('the command line', () => {
  it('names the nearest command and ends with 64', async () => {
    const { code, stderr } = await bed.cli('sumary');
    expect(code).toBe(64);
    expect(stderr).toContain("did you mean 'summary'?");
  });

  it('names the nearest option and ends with 64', async () => {
    const { code, stderr } = await bed.cli('summary', '--jsno');
    expect(code).toBe(64);
    expect(stderr).toContain("did you mean '--json'?");
  });

  it('wants its arguments', async () => {
    const { code, stderr } = await bed.cli('restart');
    expect(code).toBe(64);
    expect(stderr).toMatch(/watcher restart <service...>/);
  });

  it('refuses a duration without unit', async () => {
    const { code, stderr } = await bed.cli('unmonitor', 'small', '--for', '30');
    expect(code).toBe(64);
    expect(stderr).toMatch(/--for 30[\s\S]*30s/);
  });
});

describe('an agent that is not there', () => {
  it.each([['summary'], ['status'], ['restart', 'all'], ['reload'], ['quit'], ['events']])(
    '%s says so: 69',
    async (...args) => {
      const { code, stdout, stderr } = await bed.cli(...args);
      expect(code).toBe(69);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/not running[\s\S]*watcher run/);
      expect(stderr).toContain(bed.socket);
    },
  );

  it('left a socket file behind: 69 as well', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(bed.socket, resolve));
    // Closing in order removes the file; a killed agent leaves it. A second name keeps the same socket.
    linkSync(bed.socket, bed.path('kept.sock'));
    await new Promise((resolve) => server.close(resolve));
    renameSync(bed.path('kept.sock'), bed.socket);
    const { code, stderr } = await bed.cli('summary');
    expect(code).toBe(69);
    expect(stderr).toMatch(/not running/);
  });
});

describe('a configuration with mistakes', () => {
  it('is not started: all mistakes with their places, 78', async () => {
    bed.write('rules/one.yaml', 'service: one\nchecks:\n  web: { htpp: "http://127.0.0.1/" }\n');
    bed.write('rules/two.yaml', 'service: two\nchecks:\n  root: { filesystem: /, expect: [usde < 90%] }\n');
    for (const command of ['check', 'run']) {
      const { code, stdout, stderr } = await bed.cli(command);
      expect(code).toBe(78);
      const said = stdout + stderr;
      expect(said).toMatch(/one\.yaml:3:\d+/);
      expect(said).toMatch(/two\.yaml:3:\d+/);
      expect(said).toContain("'http'");
      expect(said).toContain("'used'");
    }
  });

  it('is missing where it was named: 78', async () => {
    const { code, stderr, stdout } = await bed.cli('check', '-c', bed.path('nowhere.yaml'));
    expect(code).toBe(78);
    expect(stderr + stdout).toContain('nowhere.yaml');
  });

  it('is unreadable: 78', async () => {
    const file = bed.write('rules/small.yaml', good);
    bed.openTo(65534);
    const { code, stderr, stdout } = await bed.cliAs(65534, 'check');
    expect(code).toBe(78);
    expect(stderr + stdout).toContain(file);
  });

  it('names a rule file that is not there: 78', async () => {
    bed.write('watcher.yaml', 'rules: [./rules/none.yaml]\n');
    const { code, stderr, stdout } = await bed.cli('check');
    expect(code).toBe(78);
    expect(stderr + stdout).toMatch(/watcher\.yaml:1:\d+[\s\S]*none\.yaml/);
  });

  it('does not replace the one that runs', async () => {
    bed.write('rules/small.yaml', good);
    await bed.startAgent();
    await bed.until('small', 'is up', ({ state }) => state === 'up');
    bed.write('rules/small.yaml', good.replace('used', 'usde'));
    const { code, stderr, stdout } = await bed.cli('reload');
    expect(code).toBe(78);
    expect(stderr + stdout).toMatch(/small\.yaml:3:\d+/);
    expect((await bed.until('small', 'is still up', ({ state }) => state === 'up')).checksTotal).toBe(1);
    expect((await bed.summary()).agent.reloadRefused?.summary).toBeTruthy();
    bed.write('rules/small.yaml', good.replace('root:', 'disk:'));
    expect((await bed.cli('reload')).code).toBe(0);
    expect((await bed.status('small')).checks.map(({ name }) => name)).toEqual(['disk']);
    expect((await bed.summary()).agent.reloadRefused).toBeUndefined();
  });
});

describe('names and places', () => {
  it('an unknown service is named, with the nearest one: 66', async () => {
    bed.write('rules/small.yaml', good);
    await bed.startAgent();
    for (const args of [
      ['summary', 'smal'],
      ['status', 'smal'],
      ['restart', 'smal'],
      ['unmonitor', 'smal'],
    ]) {
      const { code, stderr } = await bed.cli(...args);
      expect(stderr).toMatch(/'?smal'?[\s\S]*did you mean 'small'\?/);
      expect(code).toBe(66);
    }
  });

  it('a second agent on the same state is refused: 75, and the first one runs on', async () => {
    bed.write('rules/small.yaml', good);
    const first = await bed.startAgent();
    const { code, stderr } = await bed.cli('run');
    expect(code).toBe(75);
    expect(stderr).toMatch(new RegExp(`another agent[\\s\\S]*${first.pid}`, 'i'));
    expect((await bed.summary()).agent.pid).toBe(first.pid);
  });

  it('a state folder that cannot be made is told: 73', async () => {
    bed.write('rules/small.yaml', good);
    bed.write('occupied', 'a file, not a folder');
    bed.write(
      'watcher.yaml',
      `state_dir: ${bed.path('occupied')}\nsocket: ${bed.socket}\nrules: [./rules/*.yaml]\n`,
    );
    const { code, stderr } = await bed.cli('run');
    expect(code).toBe(73);
    expect(stderr).toContain('occupied');
  });

  it('a state of somebody else is refused: 77', async () => {
    bed.write('rules/small.yaml', good);
    const agent = await bed.startAgent();
    agent.child.kill('SIGTERM');
    await agent.ended;
    bed.openTo(65534);
    chownSync(bed.path('rules/small.yaml'), 65534, 65534);
    const { code, stderr } = await bed.cliAs(65534, 'run');
    expect(stderr).toContain('permission denied');
    expect(code).toBe(77);
  });

  it('a socket of somebody else is refused: 77', async () => {
    bed.write('rules/small.yaml', good);
    await bed.startAgent();
    // Root may open everything, so somebody else asks: nobody.
    bed.openTo(65534);
    const { code, stderr } = await bed.cliAs(65534, 'summary', '--socket', bed.socket);
    expect(stderr).toMatch(/may not open/);
    expect(code).toBe(77);
  });
});
