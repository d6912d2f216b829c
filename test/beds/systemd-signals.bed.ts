import { afterEach, describe, expect, it } from 'vitest';
import type { Dbus } from '../../src/host/dbus.ts';
import type { Host } from '../../src/host/host.ts';
import { createHost } from '../../src/host/real-host.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import type { SystemdLink } from '../../src/managers/systemd/systemd-link.ts';
import { openScope } from '../../src/managers/systemd/systemd-scope.ts';
import type { UnitFacts } from '../../src/managers/systemd/systemd-unit.ts';
import { systemd } from '../../src/managers/systemd.ts';
import type { ProcessIdentity } from '../../src/model/manager.ts';
import { context, eventually, must, removeUnit, reported, run, unit } from './bed.ts';

const real = createHost();

const OWN = '/run/systemd/private';
const DAEMON = '/run/dbus/system_bus_socket';

/** As root goes where a watchdog sees to it that it goes on listening, and as everybody else goes. */
const ways: readonly (readonly [string, string, Host])[] = [
  ['systemd itself', OWN, { ...real, self: { ...real.self, hasWatchdog: true } }],
  ['the bus daemon', DAEMON, real],
];

const ending: (() => void)[] = [];

function open(host: Host): Manager {
  const manager = systemd.open({ unit: 'web' }, context('web', { host }));
  ending.push(() => manager.close());
  return manager;
}

async function service(...lines: readonly string[]): Promise<void> {
  await unit('web.service', ['[Service]', ...lines]);
}

/** The unit, running, and how often something was told of it since. */
async function startFollowed(host: Host) {
  await service('ExecStart=/bin/sleep 1000');
  const web = open(host);
  await web.operate('start');
  let told = 0;
  web.follow?.(() => {
    told += 1;
  });
  const { main } = await reported(web, ({ activity }) => activity === 'running');
  return { web, main, told: () => told };
}

afterEach(async () => {
  for (const end of ending.splice(0)) end();
  await run('systemctl', 'kill', '-s', 'KILL', 'web');
  await removeUnit('web.service');
});

describe.each(ways)('over %s', (_, way, host) => {
  it('tells within moments: death, restart, stop and the next start, through removal of the cgroup', async () => {
    // While logind runs, systemd sends its signals to everybody, also to who did not ask for them.
    await run('systemctl', 'stop', 'systemd-logind');
    const { web, told } = await startFollowed(host);
    for (let round = 0; round < 5; round++) {
      for (const argv of [
        ['kill', '-s', 'KILL', 'web'],
        ['start', 'web'],
        ['stop', 'web'],
        ['start', 'web'],
      ]) {
        const before = told();
        await must('systemctl', ...argv);
        await eventually(() => told() > before, 3_000);
        await web.report();
      }
    }
  });

  it('goes on telling after systemd executed itself anew', async () => {
    const { web, main, told } = await startFollowed(host);
    await must('systemctl', 'daemon-reexec');
    await eventually(async () => (await web.report()).main?.pid === main?.pid);
    expect(await web.report()).toMatchObject({ intent: 'run', activity: 'running', main });
    // It says once more that something may have been missed, when it listens again.
    const before = await quiet(told);
    await must('systemctl', 'stop', 'web');
    await eventually(() => told() > before, 400);
    expect(await reported(web, ({ activity }) => activity === 'stopped')).toMatchObject({
      intent: 'stopped',
    });
  });

  it('goes on telling after the bus broke, and says what is meanwhile', async () => {
    const { web, told } = await startFollowed(host);
    await must('systemctl', 'restart', 'dbus');
    expect(await web.report()).toMatchObject({ activity: 'running' });
    const before = await quiet(told);
    await must('systemctl', 'restart', 'web');
    await eventually(() => told() > before, 400);
    // What would be forgotten once it is down is held on to again.
    expect(await web.operate('stop')).toMatchObject({ ok: true });
    expect(await web.report()).toMatchObject({ intent: 'stopped' });
    expect(await web.operate('start')).toMatchObject({ ok: true });
  });

  interface End {
    readonly lines: readonly string[];
    readonly kill?: readonly [string, ...string[]];
    /** It goes on for longer than is waited for it to be told. */
    readonly long?: boolean;
  }
  const kill = (signal: string, whom: string) =>
    ['systemctl', 'kill', '-s', signal, `--kill-who=${whom}`, 'web'] as const;
  const ends: readonly (readonly [string, End])[] = [
    ['was killed', { lines: ['ExecStart=/bin/sleep 1000'], kill: kill('KILL', 'all') }],
    ['was terminated by a stranger', { lines: ['ExecStart=/bin/sleep 1000'], kill: kill('TERM', 'all') }],
    ['ended with a code', { lines: ['ExecStart=/bin/sh -c "sleep 0.5; exit 3"'] }],
    ['ended without one', { lines: ['ExecStart=/bin/sh -c "sleep 0.5"'] }],
    [
      'has something to do after its end',
      {
        lines: ['ExecStart=/bin/sleep 1000', 'ExecStopPost=/bin/sleep 0.1'],
        kill: kill('KILL', 'main'),
        long: true,
      },
    ],
    [
      'left a process behind',
      {
        lines: ['ExecStart=/bin/sh -c "sleep 1000 & exec sleep 1001"', 'KillMode=process'],
        kill: kill('KILL', 'main'),
      },
    ],
  ];
  it.each(ends)('what %s is told as it would be answered', async (_, { lines, kill, long }) => {
    const { link, questions, opened } = await openLink(host);
    await service('Type=exec', ...lines);
    // Otherwise nothing is left to be asked for of what ended without a failure.
    const unpin = await link.pin('web.service');
    await must('systemctl', 'start', 'web');
    link.follow('web.service', () => {});
    const main = await settled(link, questions);
    const before = questions();
    if (kill !== undefined) await must(...kill);
    await eventually(() => !real.processes.alive(main));
    let told: UnitFacts | undefined;
    await eventually(async () => {
      const asked = await link.read('web.service', { end: 'due' });
      told = asked.ok && ['failed', 'inactive'].includes(asked.value.activeState) ? asked.value : undefined;
      return told !== undefined;
    });
    const asked = questions() - before;
    const { link: other } = await openLink(real);
    const answered = await other.read('web.service');
    await unpin();
    expect(answered).toMatchObject({ ok: true });
    if (!answered.ok) return;
    // Where its processes are systemd tells nobody; whoever knows looks whether there are any.
    expect(told).toEqual({ ...answered.value, controlGroup: told?.controlGroup });
    if (long !== true) expect(asked).toBe(0);
    // Over the daemon it was referred to.
    expect(opened().toSorted()).toEqual([DAEMON, way].toSorted());
  });

  it('what systemd itself starts again is asked about, and is never taken for what has failed', async () => {
    const { link, questions } = await openLink(host);
    await service('Type=exec', 'ExecStart=/bin/sleep 1000', 'Restart=always', 'RestartSec=300ms');
    await must('systemctl', 'start', 'web');
    const states = new Set<string>();
    link.follow('web.service', () => {
      void link.read('web.service').then((asked) => asked.ok && states.add(asked.value.activeState));
    });
    for (let round = 0; round < 3; round++) {
      const main = await settled(link, questions);
      await must(...kill('KILL', 'main'));
      await eventually(() => !real.processes.alive(main));
      const asked = await link.read('web.service', { end: 'due' });
      if (asked.ok) states.add(asked.value.activeState);
    }
    await settled(link, questions);
    expect([...states].toSorted()).toEqual(['activating', 'active']);
  });
});

/** A count that has not grown for longer than a broken connection takes to be opened again. */
async function quiet(count: () => number): Promise<number> {
  for (;;) {
    const before = count();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    if (count() === before) return before;
  }
}

/** The main process of the unit, once it runs and nothing is about to be told of it. */
async function settled(link: SystemdLink, questions: () => number): Promise<ProcessIdentity> {
  let main: ProcessIdentity | undefined;
  await eventually(async () => {
    const asked = await link.read('web.service');
    const before = questions();
    await link.read('web.service');
    if (!asked.ok || asked.value.activeState !== 'active' || questions() !== before) return false;
    main = real.processes.identify(asked.value.mainPid);
    return main !== undefined;
  });
  return main as ProcessIdentity;
}

interface OpenLink {
  readonly link: SystemdLink;
  /** How often it was asked for all properties of a unit. */
  questions(): number;
  /** Sockets that were connected to. */
  opened(): readonly string[];
}

/** A way to systemd. */
async function openLink(host: Host): Promise<OpenLink> {
  let questions = 0;
  const opened: string[] = [];
  const counting: Dbus = {
    async open(address, within) {
      const outcome = await (host.dbus as Dbus).open(address, within);
      if (!outcome.ok) return outcome;
      opened.push(address.path);
      const { connection } = outcome;
      const call: typeof connection.call = (request, patience) => {
        if (request.member === 'GetAll') questions += 1;
        return connection.call(request, patience);
      };
      return { ok: true, connection: { ...connection, call } };
    },
    opened: () => undefined,
  };
  const { link, release } = await openScope({ ...host, dbus: counting }, undefined);
  ending.push(release);
  return { link, questions: () => questions, opened: () => opened };
}
