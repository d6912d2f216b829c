import type { UnitProperties } from '../../../src/managers/systemd/systemd-unit.ts';

export const unit = 'api.service';

/** A service that runs. */
export const running: UnitProperties = {
  Id: unit,
  LoadState: 'loaded',
  Type: 'simple',
  ActiveState: 'active',
  SubState: 'running',
  MainPID: 100,
  ControlGroup: '/system.slice/api.service',
  InvocationID: [1, 2],
  InactiveExitTimestamp: 1_000_000,
  StateChangeTimestamp: 1_000_000,
  InactiveEnterTimestamp: 0,
  ConditionResult: true,
  AssertResult: true,
  Job: [0, '/'],
  Result: 'success',
  ExecMainExitTimestamp: 0,
  ExecMainCode: 0,
  ExecMainStatus: 0,
  StartLimitBurst: 5,
  Restart: 'no',
  RestartForceExitStatus: [[], []],
};
/** What its own interface tells when it is killed. */
export const ofService: UnitProperties = {
  Result: 'signal',
  MainPID: 0,
  ExecMainExitTimestamp: 2_000_000,
  ExecMainCode: 2,
  ExecMainStatus: 9,
};
/** What that of every unit tells then. */
export const ofUnit: UnitProperties = {
  ActiveState: 'failed',
  SubState: 'failed',
  StateChangeTimestamp: 2_000_000,
  InactiveEnterTimestamp: 2_000_000,
  InactiveExitTimestamp: 1_000_000,
  ConditionResult: true,
  AssertResult: true,
  Job: [0, '/'],
};
