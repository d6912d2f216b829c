/**
 * What a report needs to know of a unit, whichever way it was read. Names and meanings: org.freedesktop.systemd1(5).
 * Times in wall milliseconds since the epoch, 0 for never; durations in milliseconds, Infinity for none.
 */
export interface UnitFacts {
  readonly id: string;
  readonly loadState: string;
  readonly loadError: string;
  readonly activeState: string;
  readonly subState: string;
  /** Its processes are held (`systemctl freeze`); since systemd 246. */
  readonly frozen: boolean;
  readonly result: string;
  /** `enabled`, `disabled`, `static`, ...; empty for generated and transient units. */
  readonly unitFileState: string;
  readonly type: string;
  readonly statusText: string;
  readonly mainPid: number;
  readonly controlGroup: string;
  readonly invocation: string;
  /** 0 when nothing is to be done with it. */
  readonly job: number;
  /** `start`, `stop`, `restart`, ... while there is a job. */
  readonly jobType: string;
  readonly stateChangedAt: number;
  readonly inactiveExitedAt: number;
  readonly inactiveEnteredAt: number;
  readonly conditionAt: number;
  readonly conditionMet: boolean;
  readonly assertAt: number;
  readonly assertMet: boolean;
  /** Those that were not met, as they stand in the unit file: `ConditionPathExists=/etc/app`. */
  readonly unmet: readonly string[];
  readonly needReload: boolean;
  readonly canReload: boolean;
  readonly canStart: boolean;
  readonly triggeredBy: readonly string[];
  readonly bindsTo: readonly string[];
  readonly restart: string;
  /** systemd itself may start it again after some of its ends. */
  readonly isStartedAgain: boolean;
  /**
   * Its end is all that there is to know then: it cannot be that of another unit (BindsTo=), and brings nothing about of which systemd
   * tells only afterwards: no start of another unit (OnFailure=), nothing done to the host (FailureAction=), and it is not forgotten
   * (systemd-run(1), `--collect`).
   */
  readonly endsAlone: boolean;
  readonly restarts: number;
  readonly restartDelay: number;
  readonly startTimeout: number;
  /** So many starts within so long, then systemd starts it no more. */
  readonly startLimit: number;
  readonly startLimitInterval: number;
  /** Of the main process's last run. */
  readonly mainStartedAt: number;
  readonly mainExitedAt: number;
  /** 1 exited, 2 killed, 3 dumped core (siginfo CLD_ codes, sigaction(2)); 0 when it never ended. */
  readonly exitCode: number;
  readonly exitStatus: number;
}

/** Properties as D-Bus gives them: numbers, flags, texts, lists. */
export type UnitProperties = Readonly<Record<string, unknown>>;

/** Those of some three hundred and fifty properties of a unit that `factsOf` reads. */
export const UNIT_PROPERTIES: ReadonlySet<string> = new Set([
  'ActiveState',
  'AssertResult',
  'AssertTimestamp',
  'Asserts',
  'BindsTo',
  'CanReload',
  'CanStart',
  'CollectMode',
  'ConditionResult',
  'ConditionTimestamp',
  'Conditions',
  'ControlGroup',
  'ExecMainCode',
  'ExecMainExitTimestamp',
  'ExecMainStartTimestamp',
  'ExecMainStatus',
  'FailureAction',
  'FreezerState',
  'Id',
  'InactiveEnterTimestamp',
  'InactiveExitTimestamp',
  'InvocationID',
  'Job',
  'LoadError',
  'LoadState',
  'MainPID',
  'NRestarts',
  'NeedDaemonReload',
  'OnFailure',
  'OnSuccess',
  'Restart',
  'RestartForceExitStatus',
  'RestartUSec',
  'RestartUSecNext',
  'Result',
  'StartLimitBurst',
  'StartLimitIntervalUSec',
  'StateChangeTimestamp',
  'StatusText',
  'SubState',
  'SuccessAction',
  'TimeoutStartUSec',
  'Transient',
  'TriggeredBy',
  'Type',
  'UnitFileState',
]);

/** The facts in the properties of `GetAll`. Properties that this systemd does not have read as unset. */
export function factsOf(properties: UnitProperties, jobType: string): UnitFacts {
  const text = (name: string) => (typeof properties[name] === 'string' ? (properties[name] as string) : '');
  const number = (name: string) => (typeof properties[name] === 'number' ? (properties[name] as number) : 0);
  const flag = (name: string) => properties[name] === true;
  const names = (name: string) =>
    Array.isArray(properties[name]) ? (properties[name] as readonly string[]) : [];
  const wall = (name: string) => {
    const microseconds = number(name);
    return Number.isFinite(microseconds) ? Math.floor(microseconds / 1000) : 0;
  };
  const error = properties.LoadError;
  const job = properties.Job;
  const invocation = properties.InvocationID;
  return {
    id: text('Id'),
    loadState: text('LoadState'),
    loadError: Array.isArray(error) ? String(error[1] ?? '') : '',
    activeState: text('ActiveState'),
    subState: text('SubState'),
    frozen: /^fr(ozen|eezing)/.test(text('FreezerState')),
    result: text('Result'),
    unitFileState: text('UnitFileState'),
    type: text('Type'),
    statusText: text('StatusText'),
    mainPid: number('MainPID'),
    controlGroup: text('ControlGroup'),
    invocation: Array.isArray(invocation) ? Buffer.from(invocation as number[]).toString('hex') : '',
    job: Array.isArray(job) ? Number(job[0]) : 0,
    jobType,
    stateChangedAt: wall('StateChangeTimestamp'),
    inactiveExitedAt: wall('InactiveExitTimestamp'),
    inactiveEnteredAt: wall('InactiveEnterTimestamp'),
    conditionAt: wall('ConditionTimestamp'),
    conditionMet: flag('ConditionResult'),
    assertAt: wall('AssertTimestamp'),
    assertMet: flag('AssertResult'),
    unmet: [...unmetOf(properties.Conditions), ...unmetOf(properties.Asserts)],
    needReload: flag('NeedDaemonReload'),
    canReload: flag('CanReload'),
    canStart: flag('CanStart'),
    triggeredBy: names('TriggeredBy'),
    bindsTo: names('BindsTo'),
    restart: text('Restart'),
    isStartedAgain: !isEmpty(properties.RestartForceExitStatus) || text('Restart') !== 'no',
    endsAlone:
      [...names('BindsTo'), ...names('OnFailure'), ...names('OnSuccess')].length === 0 &&
      ['FailureAction', 'SuccessAction'].every((name) => ['', 'none'].includes(text(name))) &&
      !flag('Transient') &&
      text('CollectMode') !== 'inactive-or-failed',
    restarts: number('NRestarts'),
    restartDelay: number('RestartUSecNext') / 1000 || number('RestartUSec') / 1000,
    startTimeout: number('TimeoutStartUSec') / 1000,
    startLimit: number('StartLimitBurst'),
    startLimitInterval: number('StartLimitIntervalUSec') / 1000,
    mainStartedAt: wall('ExecMainStartTimestamp'),
    mainExitedAt: wall('ExecMainExitTimestamp'),
    exitCode: number('ExecMainCode'),
    exitStatus: number('ExecMainStatus'),
  };
}

/** Nothing of it runs. */
export function isDown({ activeState }: UnitFacts): boolean {
  return activeState === 'failed' || activeState === 'inactive';
}

/** Of `(aiai)`: exit codes and signals. */
function isEmpty(statuses: unknown): boolean {
  return (
    !Array.isArray(statuses) ||
    (statuses as readonly (readonly number[])[]).every(({ length }) => length === 0)
  );
}

/** Of `a(sbbsi)`: name, whether it is a trigger, negated, parameter, and the last outcome (below 0: not met). */
function unmetOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly (readonly [string, boolean, boolean, string, number])[])
    .filter(([, , , , outcome]) => outcome < 0)
    .map(
      ([name, trigger, negate, parameter]) => `${name}=${trigger ? '|' : ''}${negate ? '!' : ''}${parameter}`,
    );
}

/** The unit's name with its type: `web` is `web.service`, as systemctl(1) has it. */
export function unitName(name: string): string {
  return /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}

/** The unit's D-Bus object: every byte but letters and digits as `_xx` (sd_bus_path_encode(3)). */
export function unitPath(name: string): string {
  const escaped = [...Buffer.from(name)]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      const plain = /[A-Za-z]/.test(character) || (index > 0 && /[0-9]/.test(character));
      return plain ? character : `_${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  return `/org/freedesktop/systemd1/unit/${escaped === '' ? '_' : escaped}`;
}
