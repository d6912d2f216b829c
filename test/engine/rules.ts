import type { Config, Notifier } from '../../src/model/config.ts';
import type { Check, Service } from '../../src/model/service.ts';

/** Rules as the loader would resolve them, with defaults short enough to follow in the head. */
export function config(services: readonly Service[], changes: Partial<Config> = {}): Config {
  return {
    hostName: 'web-1',
    stateDir: '/var/lib/watcher',
    socket: '/run/watcher/watcher.sock',
    services,
    notifiers: { team: notifier('team'), oncall: notifier('oncall', { minSeverity: 'critical' }) },
    notify: ['team', 'oncall'],
    routes: [],
    maintenance: [],
    notices: { groupWait: 0 },
    maxRepairs: { host: 5, groups: {} },
    uplink: [],
    watchFiles: false,
    log: { level: 'info' },
    secrets: [],
    ...changes,
  };
}

export function notifier(name: string, changes: Partial<Notifier> = {}): Notifier {
  return {
    kind: 'webhook',
    options: {},
    name,
    minSeverity: 'warning',
    fallback: [],
    sendResolved: true,
    ...changes,
  };
}

export function service(name: string, checks: readonly Check[], changes: Partial<Service> = {}): Service {
  return {
    name,
    manager: { kind: 'commands', options: {} },
    groups: [],
    labels: {},
    dependsOn: [],
    mode: 'active',
    budget: {
      attempts: 3,
      window: 900_000,
      backoff: { min: 2000, max: 300_000 },
      hold: 60_000,
      retryTimes: 0,
    },
    startTimeout: 30_000,
    stopTimeout: 30_000,
    restartAfterDependency: false,
    holdWhile: [],
    evidence: { timeout: 2000, commands: [] },
    checks,
    ...changes,
  };
}

export function check(name: string, changes: Partial<Check> = {}): Check {
  return {
    name,
    kind: 'http',
    options: {},
    cadence: { every: 10_000 },
    timeout: 2000,
    expect: [],
    warn: [],
    failAfter: { count: 3, of: 3 },
    recoverAfter: { count: 2, of: 2 },
    severity: 'critical',
    repair: [],
    notify: [],
    escalate: [],
    unknownAfter: 600_000,
    labels: {},
    vital: false,
    ...changes,
  };
}

/** The check of the main process: failing at once, repaired by a restart. */
export function alive(changes: Partial<Check> = {}): Check {
  return check('alive', {
    kind: 'process',
    failAfter: { count: 1, of: 1 },
    vital: true,
    repair: [{ kind: 'restart' }],
    ...changes,
  });
}
