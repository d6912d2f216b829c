import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, must, run } from './bed.ts';
import { putProgram, watcher } from './program.ts';

// A box in this box: it can be rebooted and switched off, and keeps its disk, which begins as a copy of nothing.
const sdbox = `${process.cwd()}/test/beds/sdbox`;
const disk = '/tmp/disk';
const box = 'inner';
const told = '/var/log/told';
/** What systemd said of itself whenever the guest was started. */
const started = '/var/log/guest-started';
const alone = '/run/alone/watcher.sock';

process.env.SDBOX_UPPER = disk;

function inside(...argv: readonly string[]) {
  return run(sdbox, 'exec', box, ...argv);
}

async function mustInside(...argv: readonly string[]): Promise<string> {
  return must(sdbox, 'exec', box, ...argv);
}

async function write(path: string, ...lines: readonly string[]): Promise<void> {
  await mustInside(
    'sh',
    '-c',
    'mkdir -p "$(dirname "$1")" && printf "%s\\n" "$2" >"$1"',
    '_',
    path,
    lines.join('\n'),
  );
}

/** What it says when nothing is wrong with it. */
async function becomes(wanted: RegExp, ...argv: readonly [string, ...string[]]): Promise<void> {
  let last = '';
  await eventually(async () => {
    const ran = await inside(...argv);
    last = ran.out + ran.err;
    return wanted.test(last);
  }, 25_000).catch(async () => {
    throw new Error(
      `${argv.join(' ')}: '${last}', not ${wanted}\n${(await inside('journalctl', '-n', '60', '--no-pager')).out}`,
    );
  });
}

/** What makes the host go down, and how it does. */
const ways = {
  'a reboot': { how: 'reboot', begin: ['systemctl', 'reboot'] },
  'a poweroff': { how: 'poweroff', begin: ['systemctl', 'poweroff'] },
  // systemd tells of the end of these before it tells that the host goes down for it.
  'the end of a unit with FailureAction=': {
    how: 'reboot',
    begin: ['systemctl', 'kill', '-s', 'KILL', 'acts'],
  },
  'the end of a unit with OnFailure=': { how: 'reboot', begin: ['systemctl', 'kill', '-s', 'KILL', 'calls'] },
} as const;

/** Boots, after what went before has ended in this way. */
async function bootAgain({ how, begin }: (typeof ways)[keyof typeof ways]): Promise<void> {
  await inside(...begin);
  expect(await must(sdbox, 'wait', box)).toBe(how);
  await must(sdbox, 'stop', box);
  await must(sdbox, 'start', box);
}

const unit = (name: string, ...lines: readonly string[]) =>
  write(
    `/etc/systemd/system/${name}.service`,
    '[Install]',
    'WantedBy=multi-user.target',
    '[Service]',
    ...lines,
  );

beforeAll(async () => {
  putProgram();
  mkdirSync(disk, { recursive: true });
  await must(sdbox, 'start', box);
  await unit('web', 'ExecStart=/bin/sleep 1000');
  // Stops slowly, as a database does: the watcher could take that for a failure.
  await unit(
    'slow',
    `ExecStart=/bin/sh -c 'trap "sleep 3; exit 1" TERM; while :; do sleep 0.1; done'`,
    'TimeoutStopSec=8s',
  );
  await unit('dead', 'ExecStart=/bin/false');
  await unit('acts', 'ExecStart=/bin/sleep 1000', '[Unit]', 'FailureAction=reboot');
  await unit('calls', 'ExecStart=/bin/sleep 1000', '[Unit]', 'OnFailure=reboot.target');
  await write(
    '/etc/watcher/watcher.yaml',
    'rules: [./rules/*.yaml]',
    'every: 1s',
    'notifiers:',
    `  log: { exec: [/bin/sh, -c, 'cat >>${told}; echo >>${told}; sync'] }`,
    'notify: [log]',
  );
  for (const name of ['web', 'slow', 'dead', 'acts', 'calls']) {
    const repair = name === 'dead' ? '{ process: {} }' : '{ process: {}, repair: restart }';
    await write(
      `/etc/watcher/rules/${name}.yaml`,
      `service: ${name}`,
      `manager: { systemd: ${name}.service }`,
      'checks:',
      `  alive: ${repair}`,
    );
  }
  // Nobody's unit: started by plain commands, and ended by systemd's last sweep.
  await write(
    '/etc/watcher/rules/plain.yaml',
    'service: plain',
    'manager:',
    '  commands:',
    '    pidfile: /run/plain.pid',
    `    start: [/bin/sh, -c, 'setsid sh -c "echo \\$\\$ > /run/plain.pid; exec sleep 1000" </dev/null >/dev/null 2>&1 & echo started >>/var/log/started']`,
    'repair_budget: { attempts: 20 in 15m }',
    'checks:',
    '  alive: { process: {}, repair: start }',
  );
  // Systemd ends it before a watcher that knows it by its pid file alone, and nothing else.
  await unit(
    'guest',
    `ExecStart=/bin/sh -c 'echo $$$$ >/run/guest.pid; exec sleep 1000'`,
    '[Unit]',
    'After=alone.service',
  );
  await unit(
    'alone',
    'Type=notify',
    'NotifyAccess=main',
    'WatchdogSec=30s',
    'KillMode=process',
    'StateDirectory=alone',
    'RuntimeDirectory=alone',
    `ExecStart=${watcher} run --config /etc/alone/watcher.yaml`,
  );
  await write(
    '/etc/alone/watcher.yaml',
    'rules: [./rules/*.yaml]',
    'state_dir: /var/lib/alone',
    `socket: ${alone}`,
    'every: 1s',
  );
  await write(
    '/etc/alone/rules/guest.yaml',
    'service: guest',
    'manager:',
    '  commands:',
    '    pidfile: /run/guest.pid',
    `    start: [/bin/sh, -c, 'systemctl is-system-running >>${started}; systemctl start --no-block guest']`,
    'checks:',
    '  alive: { process: {}, repair: start }',
    'repair_budget: { attempts: 20 in 15m, backoff: 0s..0s, hold: 0s }',
  );
  await write(started, '');
  await mustInside('systemctl', 'daemon-reload');
  await mustInside('systemctl', 'enable', '--now', 'alone', 'guest', 'web', 'slow', 'acts', 'calls');
  await inside('systemctl', 'enable', '--now', 'dead');
  await mustInside(watcher, 'install');
}, 60_000);

afterAll(async () => {
  await must(sdbox, 'stop', box);
  rmSync(disk, { recursive: true, force: true });
});

const openIncident = async () => {
  const { incidents } = JSON.parse(await mustInside(watcher, 'incidents', '--json')) as {
    incidents: { id: string; service: string }[];
  };
  return incidents.find(({ service }) => service === 'dead')?.id;
};
const eventsNow = async (...of: readonly string[]) =>
  (await mustInside(watcher, 'events', '--json', '-n', '1000', ...of))
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; service: string });
const onDisk = (path: string) => readFileSync(`${disk}/upper${path}`, 'utf8');

it.each(Object.keys(ways) as (keyof typeof ways)[])(
  '%s: nothing is repaired or told on the way down, and afterwards it goes on with what it knew',
  async (way) => {
    await becomes(/web +up/, watcher, 'summary', 'web');
    for (const name of ['slow', 'plain', 'acts', 'calls'])
      await becomes(new RegExp(`${name} +up`), watcher, 'summary', name);
    await becomes(/dead/, 'cat', told);
    const incident = await openIncident();
    expect(incident).toBeDefined();
    await mustInside(watcher, 'unmonitor', 'web', '--wait');
    // Its death is heard of, and it is repaired at once.
    await becomes(/guest +up/, watcher, 'summary', 'guest', '--socket', alone);
    await mustInside('systemctl', 'kill', '-s', 'KILL', 'guest');
    await becomes(/running|degraded|starting/, 'tail', '-n', '1', started);
    await becomes(/guest +up/, watcher, 'summary', 'guest', '--socket', alone);
    const before = {
      told: onDisk(told),
      started: onDisk('/var/log/started'),
      events: (await eventsNow()).length,
      guest: (await eventsNow('--socket', alone)).length,
    };

    await bootAgain(ways[way]);

    await becomes(/1 unmonitored/, 'systemctl', 'show', '-P', 'StatusText', 'watcher');
    await becomes(/slow +up/, watcher, 'summary', 'slow');
    await becomes(/plain +up/, watcher, 'summary', 'plain');
    expect(await openIncident()).toBe(incident);
    const events = (await eventsNow()).slice(before.events);
    const bootedAt = events.findIndex(({ type }) => type === 'agent-started');
    expect(events.slice(0, bootedAt).filter(({ type }) => /failed|repair|operation/.test(type))).toEqual([]);
    expect(
      events.filter(({ service, type }) => /web|slow|acts|calls/.test(service) && /failed|repair/.test(type)),
    ).toEqual([]);
    // The plain service was started once more, by this boot's watcher; nothing was started on the way down.
    expect(onDisk('/var/log/started').split('\n').length).toBe(before.started.split('\n').length + 1);
    await becomes(/guest +up/, watcher, 'summary', 'guest', '--socket', alone);
    const ofGuest = (await eventsNow('--socket', alone)).slice(before.guest).map(({ type }) => type);
    expect(ofGuest.slice(0, ofGuest.indexOf('agent-started')).join()).not.toMatch(/failed|repair|operation/);
    expect(onDisk(started)).not.toContain('stopping');
    expect(onDisk(told).slice(before.told.length)).not.toMatch(/"(web|slow|acts|calls)"/);
    await mustInside(watcher, 'monitor', 'web', '--wait');
  },
  90_000,
);
