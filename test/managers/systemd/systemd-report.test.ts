import { describe, expect, it } from 'vitest';
import { parseShow } from '../../../src/managers/systemd/systemd-cli.ts';
import { endingIn, gaveUpIn } from '../../../src/managers/systemd/systemd-journal.ts';
import { reportOf, type Surroundings } from '../../../src/managers/systemd/systemd-report.ts';
import {
  factsOf,
  UNIT_PROPERTIES,
  type UnitFacts,
  unitName,
  unitPath,
} from '../../../src/managers/systemd/systemd-unit.ts';

const plain: UnitFacts = factsOf(
  {
    Id: 'web.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    Result: 'success',
    Type: 'simple',
    ConditionResult: true,
    AssertResult: true,
    Restart: 'no',
    StartLimitBurst: 5,
    TimeoutStartUSec: 90e6,
    RestartUSec: 100_000,
  },
  '',
);
const around: Surroundings = { wall: 1_000_000, stoppedByHand: 'unknown' };

function report(changes: Partial<UnitFacts>, also: Partial<Surroundings> = {}) {
  return reportOf({ ...plain, ...changes }, { ...around, ...also });
}
const crashed = {
  activeState: 'failed',
  restart: 'always',
  restarts: 5,
  startLimit: 5,
  startLimitInterval: 10_000,
  result: 'exit-code',
  exitCode: 1,
  exitStatus: 1,
};
const down = { activeState: 'inactive', subState: 'dead' };

it('every property that facts are made of is asked for, and no other', () => {
  const read = new Set<string>();
  factsOf(
    new Proxy(
      {},
      {
        get(_, name) {
          read.add(String(name));
          return undefined;
        },
      },
    ),
    '',
  );
  expect(read).toEqual(UNIT_PROPERTIES);
});

describe('the report of a unit', () => {
  it.each<[string, Partial<UnitFacts>, Partial<Surroundings>, object]>([
    ['running', {}, {}, { intent: 'run', activity: 'running' }],
    [
      'waiting for its restart',
      { activeState: 'activating', subState: 'auto-restart', restartDelay: 5000, stateChangedAt: 998_000 },
      {},
      { activity: 'restarting', readyIn: 3000 },
    ],
    [
      'starting',
      { activeState: 'activating', subState: 'start', stateChangedAt: 990_000 },
      {},
      { activity: 'starting', readyIn: 80_000 },
    ],
    [
      'starting without a limit',
      { activeState: 'activating', subState: 'start', startTimeout: Infinity },
      {},
      { activity: 'starting', detail: 'activating (start)' },
    ],
    ['frozen', { frozen: true }, {}, { intent: 'stopped', detail: expect.stringContaining('thaw') }],
    ['stopped by hand', down, { stoppedByHand: 'yes' }, { intent: 'stopped', activity: 'stopped' }],
    ['ended by itself', down, { stoppedByHand: 'no' }, { intent: 'run', activity: 'failed' }],
    ['down, journal unreadable', { ...down, inactiveExitedAt: 5 }, {}, { intent: 'stopped' }],
    [
      'enabled, never started',
      { ...down, unitFileState: 'enabled' },
      {},
      { intent: 'run', activity: 'failed' },
    ],
    ['disabled, never started', { ...down, unitFileState: 'disabled' }, {}, { intent: 'stopped' }],
    ['about to start', { ...down, job: 4, jobType: 'start' }, {}, { activity: 'starting' }],
    [
      'waiting for its socket',
      { ...down, triggeredBy: ['web.socket'], unitFileState: 'enabled' },
      {},
      { intent: 'stopped', detail: expect.stringContaining('web.socket') },
    ],
    ['a finished oneshot', { ...down, type: 'oneshot' }, { stoppedByHand: 'no' }, { intent: 'stopped' }],
    [
      'failed',
      { activeState: 'failed', result: 'signal', exitCode: 2, exitStatus: 9 },
      { stoppedByHand: 'no' },
      { intent: 'run', lastExit: 'signal KILL' },
    ],
    [
      'out of memory',
      { activeState: 'failed', result: 'oom-kill', exitCode: 2, exitStatus: 9 },
      { stoppedByHand: 'no' },
      { lastExit: 'oom-kill' },
    ],
    [
      'core dumped',
      { activeState: 'failed', result: 'core-dump', exitCode: 3, exitStatus: 11 },
      { stoppedByHand: 'no' },
      { lastExit: 'signal SEGV, core dumped' },
    ],
    [
      'missed watchdog',
      { activeState: 'failed', result: 'watchdog', exitCode: 2, exitStatus: 6 },
      { stoppedByHand: 'no' },
      { lastExit: 'signal ABRT (it missed its watchdog)' },
    ],
    [
      'stopping by a job',
      { activeState: 'deactivating', jobType: 'stop' },
      {},
      { intent: 'stopped', activity: 'stopping' },
    ],
    ['stopping by itself', { activeState: 'deactivating' }, {}, { intent: 'unknown', activity: 'stopping' }],
    ['not found', { ...down, loadState: 'not-found' }, {}, { activity: 'missing' }],
    [
      'masked',
      { ...down, loadState: 'masked' },
      {},
      { intent: 'stopped', warnings: [expect.stringContaining('unmask')] },
    ],
    [
      'condition not met',
      { ...down, conditionAt: 7, conditionMet: false, unmet: ['ConditionPathExists=/x'] },
      {},
      { intent: 'stopped', detail: expect.stringContaining('ConditionPathExists=/x') },
    ],
    [
      'assertion not held',
      { ...down, assertAt: 7, assertMet: false },
      {},
      { intent: 'run', activity: 'failed' },
    ],
    [
      'a changed unit file',
      { needReload: true },
      {},
      { warnings: [expect.stringContaining('daemon-reload')] },
    ],
    [
      'start limit as 252 tells it, the journal unreadable',
      { ...crashed, mainStartedAt: 500_000, mainExitedAt: 500_100 },
      { stoppedByHand: 'unknown', gaveUp: 'unknown' },
      { detail: expect.stringContaining('systemd gave up') },
    ],
    [
      'start limit as the journal tells it',
      { ...crashed, mainStartedAt: 1, mainExitedAt: 500_100 },
      { stoppedByHand: 'no', gaveUp: 'yes' },
      { detail: expect.stringContaining('systemd gave up') },
    ],
    [
      'as many restarts in weeks, then an end that is not to be restarted',
      { ...crashed, mainStartedAt: 1, mainExitedAt: 500_100 },
      { stoppedByHand: 'unknown', gaveUp: 'unknown' },
      { detail: 'failed (running): exit-code, exit code 1' },
    ],
    [
      'the same, as the journal tells it',
      { ...crashed, mainStartedAt: 500_000, mainExitedAt: 500_100 },
      { stoppedByHand: 'no', gaveUp: 'no' },
      { detail: 'failed (running): exit-code, exit code 1' },
    ],
  ])('%s', (_, changes, also, expected) => {
    expect(report(changes, also)).toMatchObject(expected);
  });
});

describe('what the journal tells', () => {
  const started = { MESSAGE_ID: '39f53479d3a045ac8e11786248231fbf', JOB_TYPE: 'start' };
  const stopping = { MESSAGE_ID: 'de5b426a63be47a7b6ac3eaac82e2f6f', JOB_TYPE: 'stop' };
  const success = { MESSAGE_ID: '7ad2d189f7e94e70a38c781354912448' };
  const failure = { MESSAGE_ID: 'd9b373ed55a64feb8242e02dbe79a49c' };
  const tooQuickly = 'web.service: Start request repeated too quickly.';
  const stopped = (job: string) => ({ MESSAGE_ID: '9d1aaa27d60140bd96365438aad20286', JOB_TYPE: job });

  it.each([
    ['a stop', [started, stopping, success, stopped('stop')], 'inactive', 'yes', true],
    ['a stop whose last line is to come', [started, stopping, success], 'inactive', 'yes', false],
    ['an end by itself', [started, success], 'inactive', 'no', true],
    ['a crash', [started, failure], 'failed', 'no', true],
    [
      'a stop that ends in failure (143)',
      [started, stopping, failure, stopped('stop')],
      'failed',
      'yes',
      true,
    ],
    ['a stop while waiting for the restart', [started, failure, stopped('stop')], 'inactive', 'yes', true],
    ['the same, its line to come', [started, failure], 'inactive', 'no', false],
    [
      'a restart that does not come up',
      [started, stopping, success, stopped('restart'), started, failure],
      'failed',
      'no',
      true,
    ],
    [
      'a restart whose start is refused',
      [started, stopping, failure, stopped('restart'), { MESSAGE: tooQuickly }, failure],
      'failed',
      'no',
      true,
    ],
    ['nothing yet', [started], 'inactive', 'no', false],
    ['no line at all', [], 'inactive', 'unknown', true],
    ['lines of others', [{ MESSAGE: 'x' }], 'inactive', 'unknown', true],
  ])('%s', (_, entries, state, byHand, complete) => {
    expect(endingIn(entries, state)).toEqual({ byHand, complete });
  });

  it.each([
    [
      'a refusal to start it again',
      [started, failure, stopped('restart'), { MESSAGE: tooQuickly }, failure],
      'yes',
    ],
    ['an older one', [{ MESSAGE: tooQuickly }, failure, started, failure], 'no'],
    ['none', [started, failure], 'no'],
  ])('%s', (_, entries, said) => {
    expect(gaveUpIn(entries)).toBe(said);
  });
});

it('names units and their objects as systemd does', () => {
  expect(unitName('web')).toBe('web.service');
  expect(unitName('worker@3')).toBe('worker@3.service');
  expect(unitName('tick.timer')).toBe('tick.timer');
  expect(unitPath('web-1.service')).toBe('/org/freedesktop/systemd1/unit/web_2d1_2eservice');
  expect(unitPath('3x.service')).toBe('/org/freedesktop/systemd1/unit/_33x_2eservice');
});

it('what never changed has no time', () => {
  expect(parseShow('Id=web.service\nStateChangeTimestamp=\n').stateChangedAt).toBe(0);
});

it('reads what systemctl show prints', () => {
  const facts = parseShow(
    [
      'Id=web.service',
      'LoadState=loaded',
      'ActiveState=failed',
      'MainPID=0',
      'NRestarts=5',
      'RestartUSec=1min 30s',
      'RestartUSecNext=2min',
      'StateChangeTimestamp=Thu 2026-11-26 21:05:23 UTC',
      'StartLimitIntervalUSec=10s',
      'ExecMainStartTimestampMonotonic=5000',
      'TimeoutStartUSec=infinity',
      'NeedDaemonReload=yes',
      'TriggeredBy=web.socket web.path',
      'Job=12',
      'InvocationID=0a0b',
      'LoadError=org.freedesktop.systemd1.BadUnitSetting "Unit web.service has a bad unit file setting."',
      'StatusText=a=b',
      '',
    ].join('\n'),
  );
  expect(facts).toMatchObject({
    activeState: 'failed',
    restarts: 5,
    restartDelay: 120_000,
    stateChangedAt: Date.UTC(2026, 10, 26, 21, 5, 23),
    startLimitInterval: 10_000,
    mainStartedAt: 5,
    startTimeout: Infinity,
    needReload: true,
    triggeredBy: ['web.socket', 'web.path'],
    job: 12,
    invocation: '0a0b',
    statusText: 'a=b',
    loadError: 'Unit web.service has a bad unit file setting.',
  });
});
