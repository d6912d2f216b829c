import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { eventually, must, removeFolder, removeUnit, run, unit } from './bed.ts';
import { containerOwners } from './container-owners.ts';
import { home, type Owner, owners, script } from './owners.ts';
import { putProgram, watcher } from './program.ts';
import { standIns } from './stand-ins.ts';

/**
 * What an operator means, beside every manager, with the built program: stopped by hand, started by hand, killed,
 * restarted by the manager itself, crashing until the manager gives up, and changed under `unmonitor`. The checks come
 * round once a minute only: what is seen within seconds was told by an event.
 */
type Scene = Pick<Owner, 'name' | 'up' | 'down' | 'rule' | 'stop' | 'start' | 'startBad'> & {
  /** Whether a killed process is started again by the manager itself, and not by the watcher. */
  readonly revives: boolean;
  /** Whether `bad` comes to an end that the watcher takes over. */
  readonly givesUp: boolean;
};

const systemdScene: Scene = {
  name: 'systemd',
  revives: false,
  givesUp: true,
  async up() {
    await unit('app.service', ['[Service]', `ExecStart=${home}/app`]);
    await unit('bad.service', ['[Service]', `ExecStart=${home}/bad`, 'Restart=always', 'RestartSec=50ms']);
    await must('systemctl', 'start', 'app', 'bad');
  },
  async down() {
    await removeUnit('app.service');
    await removeUnit('bad.service');
  },
  rule: (service) => ({ systemd: `${service}.service` }),
  stop: () => must('systemctl', 'stop', 'app'),
  start: () => must('systemctl', 'start', 'app'),
};

/** By hand means here: with the service's own init script, which takes its pid file away. */
const commandsScene: Scene = {
  name: 'commands with a status program',
  revives: false,
  givesUp: false,
  async up() {
    script(
      `${home}/ctl`,
      [
        '#!/bin/sh',
        `pid=${home}/app.pid`,
        'case $1 in',
        `start) setsid ${home}/app </dev/null >/dev/null 2>&1 & echo $! >$pid;;`,
        'stop) kill $(cat $pid); rm $pid;;',
        'status) test -e $pid || exit 3; kill -0 $(cat $pid) 2>/dev/null || exit 1;;',
        'esac',
      ].join('\n'),
    );
    await must(`${home}/ctl`, 'start');
  },
  down: async () => void (await run(`${home}/ctl`, 'stop')),
  rule: () => ({
    commands: {
      pidfile: `${home}/app.pid`,
      start: [`${home}/ctl`, 'start'],
      stop: [`${home}/ctl`, 'stop'],
      status: [`${home}/ctl`, 'status'],
    },
  }),
  stop: () => must(`${home}/ctl`, 'stop'),
  start: () => must(`${home}/ctl`, 'start'),
};

const scenes: readonly Scene[] = [
  systemdScene,
  ...containerOwners.map((owner) => ({ ...owner, revives: false, givesUp: true })),
  ...owners.map((owner) => ({ ...owner, revives: true, givesUp: owner.gaveUp !== undefined })),
  commandsScene,
  ...standIns,
];

const folder = '/root/intent';
const config = ['-c', `${folder}/watcher.yaml`];
const told = `${folder}/told`;

function rule(service: 'app' | 'bad', manager: unknown): void {
  const lines = [
    `service: ${service}`,
    `manager: ${JSON.stringify(manager)}`,
    'every: 1m',
    'start_timeout: 5s',
    'stop_timeout: 2s',
    'repair_budget: { attempts: 2 in 10m, backoff: 100ms..200ms, hold: 1s }',
    'checks:',
    '  alive: { process: {}, repair: restart }',
    '',
  ];
  writeFileSync(`${folder}/rules/${service}.yaml`, lines.join('\n'));
}

async function events(): Promise<readonly Event[]> {
  const out = await must(watcher, 'events', '--json', '-n', '1000', ...config);
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
}

async function row(
  service: string,
): Promise<{ readonly state: string; readonly problem: string; readonly since: number } | undefined> {
  const { code, out } = await run(watcher, 'summary', '--json', ...config);
  if (code !== 0) return undefined;
  const { services } = JSON.parse(out) as {
    services: { service: string; state: string; problem: string; since: number }[];
  };
  return services.find((each) => each.service === service);
}

async function becomes(service: string, ...wanted: readonly string[]): Promise<void> {
  let last: unknown;
  await eventually(async () => {
    const found = await row(service);
    last = found;
    return found !== undefined && wanted.includes(found.state);
  }, 25_000).catch(async () => {
    const happened = (await events()).map(({ type, text }) => `${type}: ${text}`).join('\n');
    throw new Error(`it is ${JSON.stringify(last)}, not ${wanted.join(' or ')}\n${happened}`);
  });
}

const failures = (list: readonly Event[]) =>
  list.filter(({ service, type }) => service === 'app' && /^(failed|repair|stood-down|warning)/.test(type));
const toldNow = () => (existsSync(told) ? readFileSync(told, 'utf8') : '');

async function mainPid(): Promise<number> {
  const { out } = await run(watcher, 'status', 'app', '--json', ...config);
  const { services } = JSON.parse(out) as {
    services: { manager?: { report?: { main?: { pid: number } } } }[];
  };
  return services[0]?.manager?.report?.main?.pid ?? 0;
}

describe.each(scenes)('$name', (scene) => {
  beforeAll(async () => {
    putProgram();
    mkdirSync(home, { recursive: true });
    mkdirSync(`${folder}/rules`, { recursive: true });
    script(`${home}/app`, '#!/bin/sh\nexec /bin/sleep 1000');
    script(`${home}/bad`, '#!/bin/sh\nexit 3');
    writeFileSync(
      `${folder}/watcher.yaml`,
      [
        'rules: [./rules/*.yaml]',
        `state_dir: ${folder}/state`,
        `socket: ${folder}/socket`,
        'notifiers:',
        `  log: { exec: [/bin/sh, -c, 'cat >>${told}; echo >>${told}'] }`,
        'notify: [log]',
        '',
      ].join('\n'),
    );
    await scene.up();
    rule('app', scene.rule('app'));
    await must(
      'systemd-run',
      '-q',
      '--unit=agent',
      `--setenv=PATH=${process.env.PATH}`,
      watcher,
      'run',
      ...config,
    );
    await becomes('app', 'up');
  }, 60_000);
  afterAll(async () => {
    await run(watcher, 'quit', ...config);
    await run('systemctl', 'stop', 'agent');
    await run('systemctl', 'reset-failed', 'agent');
    await scene.down();
    removeFolder(folder);
    removeFolder(home);
  }, 60_000);

  it('stopped by hand it is left alone, started by hand it is watched again at once, and nobody is told', async () => {
    await scene.stop();
    await becomes('app', 'stopped');
    await scene.start();
    await becomes('app', 'up');
    expect(
      failures(await events()),
      JSON.stringify(
        (await events()).map(({ at, text }) => `${at % 100_000} ${text}`),
        null,
        1,
      ),
    ).toEqual([]);
    expect(toldNow()).toBe('');
  });

  it('a deploy under unmonitor: stop, change, start, and nothing is done or told', async () => {
    await must(watcher, 'unmonitor', 'app', '--for', '5m', '--wait', ...config);
    await scene.stop();
    await scene.start();
    await becomes('app', 'unmonitored');
    await must(watcher, 'monitor', 'app', '--wait', ...config);
    await becomes('app', 'up');
    expect(
      failures(await events()),
      JSON.stringify(
        (await events()).map(({ at, text }) => `${at % 100_000} ${text}`),
        null,
        1,
      ),
    ).toEqual([]);
    expect(toldNow()).toBe('');
  });

  it(`killed: ${scene.revives ? 'its manager starts it again, and the watcher waits' : 'it is repaired'}`, async () => {
    // The time that a manager gets for its own restart is given once, until the service has lasted.
    await eventually(async () => Date.now() - ((await row('app'))?.since ?? Date.now()) > 2_000);
    const before = await mainPid();
    expect(before).toBeGreaterThan(1);
    process.kill(before, 'SIGKILL');
    await eventually(async () => {
      const now = await mainPid();
      return now > 1 && now !== before && (await row('app'))?.state === 'up';
    }, 25_000).catch(async () => {
      throw new Error(JSON.stringify([await row('app'), await events()], null, 1));
    });
    const repairs = (await events()).filter(({ type }) => type === 'repair-started');
    expect(
      repairs.length,
      JSON.stringify(
        (await events()).map(({ text }) => text),
        null,
        1,
      ),
    ).toBe(scene.revives ? 0 : 1);
  });

  if (!scene.givesUp) return;
  it('crashing until its manager gives up: the watcher takes over, with a budget of its own', async () => {
    rule('bad', scene.rule('bad'));
    await scene.startBad?.();
    await must(watcher, 'reload', ...config);
    await eventually(
      async () => (await events()).some(({ service, type }) => service === 'bad' && type === 'stood-down'),
      55_000,
    ).catch(async () => {
      throw new Error(JSON.stringify([await row('bad'), await events()], null, 1));
    });
    const started = (await events()).filter(
      ({ service, type }) => service === 'bad' && type === 'repair-started',
    );
    expect(started.length).toBe(2);
    await eventually(() => /"bad"/.test(toldNow()), 25_000).catch(async () => {
      throw new Error(`${toldNow()}\n${JSON.stringify(await events(), null, 1)}`);
    });
  }, 100_000);
});
