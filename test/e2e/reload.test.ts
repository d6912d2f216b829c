import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseExposition } from '../telemetry/parse-exposition.ts';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed, program, start } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import { makeVictim } from './victim.ts';

let receivers: Receivers;
let bed: Bed;
let agent: RunningAgent;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeBed(`watch: true
every: 200ms
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`);
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
});

const rule = (check: string): string => `service: small\nchecks:\n  ${check}: { file: ${bed.socket} }\n`;

/** Waits until the check of the service is called so: the new rules are in force. */
const inForce = (check: string): Promise<unknown> =>
  eventually(`the check ${check}`, async () => {
    const { checks } = await bed.status('small');
    return checks.some(({ name }) => name === check) || undefined;
  });

/** What `watcher metrics` says of one series; undefined where it says nothing. */
const metric = async (family: string, labels = ''): Promise<number | undefined> => {
  const { stdout } = await bed.cli('metrics');
  return parseExposition(stdout).get(family)?.series.get(`${family}${labels}`);
};

describe('with watch: true', () => {
  beforeEach(async () => {
    bed.write('rules/small.yaml', rule('first'));
    agent = await bed.startAgent();
  });

  it('a file that is written again, replaced by another, added or removed is read by itself', async () => {
    bed.write('rules/small.yaml', rule('written'));
    await inForce('written');
    renameSync(bed.write('new.yaml', rule('renamed')), bed.path('rules/small.yaml'));
    await inForce('renamed');
    // The watch must have followed the new file.
    bed.write('rules/small.yaml', rule('again'));
    await inForce('again');
    bed.write('rules/second.yaml', `service: second\nchecks:\n  it: { file: ${bed.socket} }\n`);
    await bed.until('second', 'is watched', () => true);
    rmSync(bed.path('rules/second.yaml'));
    await eventually('one service', async () => (await bed.summary()).services.length === 1 || undefined);
  });

  it('errors leave the old rules in force and are told: summary, log, one notice, and the end of it', async () => {
    const titles = (): readonly string[] =>
      receivers.webhooks.map(({ commonAnnotations }) => commonAnnotations['summary'] ?? '');
    bed.write('rules/small.yaml', rule('first').replace('file:', 'fiel:'));
    await eventually('a refused reload', async () => (await bed.summary()).agent.reloadRefused);
    expect((await bed.cli('summary')).stderr).toMatch(/reload was refused.*small\.yaml:3:\d+.*'fiel'/);
    expect(agent.output()).toMatch(/small\.yaml:3:\d+.*'fiel'/);
    expect(await metric('watcher_reload_success')).toBe(0);
    await eventually('a notice', () => titles().some((title) => /RELOAD REFUSED/i.test(title)) || undefined, {
      explain: () => JSON.stringify(receivers.webhooks),
    });
    expect((await bed.status('small')).checks.map(({ name }) => name)).toEqual(['first']);
    // The same trouble once more is not told once more.
    expect((await bed.cli('reload')).code).toBe(78);
    bed.write('rules/small.yaml', rule('mended'));
    await inForce('mended');
    await eventually(
      'the end of it',
      () => titles().some((title) => /^(?!.*REFUSED).*RELOADED/i.test(title)) || undefined,
      {
        explain: () => JSON.stringify(titles()),
      },
    );
    expect(titles().filter((title) => /REFUSED/i.test(title))).toHaveLength(1);
    expect((await bed.summary()).agent.reloadRefused).toBeUndefined();
    expect(await metric('watcher_reload_success')).toBe(1);
    const readAt = (await metric('watcher_reload_last_success_timestamp_seconds')) ?? 0;
    expect(Math.abs(Date.now() / 1000 - readAt)).toBeLessThan(600);
  });

  it('metrics say what there is and what was done, in a form that Prometheus reads', async () => {
    await bed.until('small', 'is up', ({ state }) => state === 'up');
    expect(await metric('watcher_service_state', '{service="small",state="up"}')).toBe(1);
    expect(await metric('watcher_service_state', '{service="small",state="down"}')).toBe(0);
    expect(await metric('watcher_check_up', '{service="small",check="first",kind="file"}')).toBe(1);
    expect(await metric('watcher_probes_total', '{outcome="failed"}')).toBeGreaterThan(0);
    expect(await metric('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(await metric('watcher_timers')).toBeGreaterThan(0);
    expect(await metric('watcher_outbox_length')).toBe(0);
    bed.write(
      'rules/small.yaml',
      `service: small\nchecks:\n  gone: { file: ${bed.path('gone')}, fail_after: 1 }\n`,
    );
    await bed.until('small', 'is down', ({ state }) => state === 'down');
    expect(await metric('watcher_check_up', '{service="small",check="gone",kind="file"}')).toBe(0);
    expect(await metric('watcher_incidents_open', '{severity="critical"}')).toBe(1);
    await eventually(
      'a delivered notice',
      async () =>
        (await metric('watcher_notices_total', '{notifier="hook",result="delivered"}')) || undefined,
    );
    const asData = JSON.parse((await bed.cli('metrics', '--json')).stdout);
    expect(asData).toMatchObject({ version: 1, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(parseExposition(asData.text).get('watcher_build_info')?.series.size).toBe(1);
  });
});

describe('a reload', () => {
  it('keeps the incident of a check that was changed', async () => {
    const victim = makeVictim(bed, () => receivers);
    agent = await bed.startAgent();
    victim.fail();
    await victim.heard('firing');
    const { incidents } = await bed.until('victim', 'is down', ({ state }) => state === 'down');
    const file = bed.path('victim.file');
    bed.write(
      'rules/victim.yaml',
      `service: victim\nchecks:\n  there: { file: ${file}, fail_after: 1, recover_after: 1, flapping: false, timeout: 3s, every: 100ms }\n`,
    );
    await eventually(
      'the reload',
      async () => /reloaded/.test((await bed.cli('events')).stdout) || undefined,
      {
        explain: agent.output,
      },
    );
    const after = await bed.until('victim', 'is still down', ({ state }) => state === 'down');
    expect(after.incidents).toEqual(incidents);
    expect(victim.told()).toEqual(['firing']);
    victim.mend();
    await victim.heard('firing', 'resolved');
  });
});

/** Whether this user may make mount namespaces of its own. */
function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(process.platform === 'linux' && mayMount())('files mounted into the place of others', () => {
  it('are watched too: a single file, and a folder in which files are replaced', async () => {
    mkdirSync(bed.path('outside'));
    mkdirSync(bed.path('mounted'));
    bed.write('outside/small.yaml', rule('first'));
    bed.write('single.yaml', `service: single\nchecks:\n  it: { file: ${bed.socket} }\n`);
    bed.write('rules/single.yaml', '');
    const settings = `state_dir: ${bed.path('state')}\nsocket: ${bed.socket}\nwatch: true\nrules: [./rules/*.yaml, ./mounted/*.yaml]\n`;
    bed.write('watcher.yaml', settings);
    // The mounts live and end with the agent's own view of the file system.
    const script = `mount --bind "$1/outside" "$1/mounted" && mount --bind "$1/single.yaml" "$1/rules/single.yaml" && exec "$2" "$3" run`;
    bed.adopt(
      start(
        'unshare',
        ['--mount', 'sh', '-c', script, 'sh', bed.folder, process.execPath, program],
        bed.folder,
      ),
    );
    await eventually('both services', async () => (await bed.summary()).services.length === 2 || undefined);
    renameSync(bed.write('outside/.new', rule('renamed')), bed.path('outside/small.yaml'));
    await inForce('renamed');
    writeFileSync(bed.path('single.yaml'), `service: other\nchecks:\n  it: { file: ${bed.socket} }\n`);
    await bed.until('other', 'is watched', () => true);
  });
});
