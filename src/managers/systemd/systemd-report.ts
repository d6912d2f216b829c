import { formatDuration } from '../../lib/duration.ts';
import type { ManagerReport, ProcessIdentity } from '../../model/manager.ts';
import { exitText } from './systemd-exit.ts';
import type { UnitFacts } from './systemd-unit.ts';

/** What is known beside the unit's own properties. */
export interface Surroundings {
  /** Wall milliseconds. */
  readonly wall: number;
  /** What the journal says; only asked when the unit is down. */
  readonly stoppedByHand: 'yes' | 'no' | 'unknown';
  /** Whether the journal says that systemd starts it no more; only asked when the unit is down. */
  readonly gaveUp?: 'yes' | 'no' | 'unknown';
  /** A unit this one is bound to, which failed: systemd stopped this one with it. */
  readonly boundToFailed?: string | undefined;
  readonly main?: ProcessIdentity | undefined;
  readonly pids?: readonly number[] | undefined;
}

/** The report of a unit. States and results: org.freedesktop.systemd1(5), systemd.service(5). */
export function reportOf(facts: UnitFacts, around: Surroundings): ManagerReport {
  const verdict = judge(facts, around);
  const lastExit = exitText(facts);
  const warnings = warningsOf(facts);
  return {
    ...verdict,
    ...(around.main === undefined ? {} : { main: around.main }),
    ...(around.pids === undefined ? {} : { pids: around.pids }),
    ...(facts.controlGroup === '' ? {} : { cgroup: facts.controlGroup }),
    ...(facts.type === '' ? {} : { restarts: facts.restarts }),
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

type Verdict = Pick<ManagerReport, 'intent' | 'activity' | 'detail' | 'readyIn'>;

function judge(facts: UnitFacts, around: Surroundings): Verdict {
  const state = `${facts.activeState} (${facts.subState})`;
  const status = facts.statusText === '' ? '' : `: ${facts.statusText}`;
  switch (facts.activeState) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      // Nothing in it answers, and a restart would undo what somebody wanted.
      if (facts.frozen)
        return { intent: 'stopped', activity: 'stopped', detail: 'frozen by hand; to go on: systemctl thaw' };
      return { intent: 'run', activity: 'running', detail: `${state}${status}` };
    case 'activating':
      return activating(facts, around, `${state}${status}`);
    case 'deactivating':
    case 'maintenance': {
      return {
        intent: facts.jobType === 'stop' ? 'stopped' : 'unknown',
        activity: 'stopping',
        detail: state,
      };
    }
    case 'failed':
      return failed(facts, around, state);
    case 'inactive':
      return inactive(facts, around, state);
    default:
      return {
        intent: 'unknown',
        activity: 'unknown',
        detail: `state '${facts.activeState}' is not known here`,
      };
  }
}

function activating(facts: UnitFacts, around: Surroundings, state: string): Verdict {
  const since = facts.stateChangedAt === 0 ? 0 : Math.max(0, around.wall - facts.stateChangedAt);
  if (facts.subState.startsWith('auto-restart')) {
    const readyIn = Math.max(0, facts.restartDelay - since);
    const last = exitText(facts);
    const detail = `${state}: systemd starts it again in ${formatDuration(readyIn)}${last === undefined ? '' : `, it ended with ${last}`}`;
    return { intent: 'run', activity: 'restarting', detail, readyIn };
  }
  const left = facts.startTimeout - since;
  const readyIn = Number.isFinite(left) && left > 0 ? { readyIn: left } : {};
  return { intent: 'run', activity: 'starting', detail: state, ...readyIn };
}

function failed(facts: UnitFacts, around: Surroundings, state: string): Verdict {
  const ended = exitText(facts);
  const how = `${state}: ${facts.result}${ended === undefined || ended === facts.result ? '' : `, ${ended}`}`;
  // A program that answers SIGTERM with an exit code of its own (Java: 143) leaves a failed unit behind a plain stop.
  if (around.stoppedByHand === 'yes') {
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: `stopped by hand; it did not end cleanly (${how})`,
    };
  }
  return {
    intent: 'run',
    activity: 'failed',
    detail: gaveUp(facts, around) ? `${how}; ${gaveUpText(facts)}` : how,
  };
}

/**
 * systemd 252 says `exit-code` where it gave up, not `start-limit-hit`; the journal tells. Where that cannot be read:
 * it was restarted as often as the limit allows, and its last run was so short that the limit can have been reached.
 * The count alone proves nothing: it adds up over weeks, and RestartPreventExitStatus= ends it at any number.
 */
function gaveUp(facts: UnitFacts, around: Surroundings): boolean {
  if (facts.result === 'start-limit-hit' || around.gaveUp === 'yes') return true;
  if (around.gaveUp === 'no' || facts.restart === 'no') return false;
  const lastRun = facts.mainExitedAt - facts.mainStartedAt;
  return facts.startLimit > 0 && facts.restarts >= facts.startLimit && lastRun < facts.startLimitInterval;
}

function gaveUpText(facts: UnitFacts): string {
  return `systemd gave up: it restarted it ${facts.restarts} times, which is its start limit`;
}

function inactive(facts: UnitFacts, around: Surroundings, state: string): Verdict {
  if (facts.loadState === 'not-found') {
    return { intent: 'unknown', activity: 'missing', detail: `systemd knows no unit ${facts.id}` };
  }
  if (facts.jobType === 'start' || facts.jobType === 'restart' || (facts.job !== 0 && facts.jobType === '')) {
    return { intent: 'run', activity: 'starting', detail: `${state}: its start waits for its turn` };
  }
  if (facts.loadState === 'masked') {
    return { intent: 'stopped', activity: 'stopped', detail: `${state}: the unit is masked` };
  }
  if (facts.loadState === 'bad-setting' || facts.loadState === 'error') {
    return {
      intent: 'unknown',
      activity: 'failed',
      detail: `${state}: ${facts.loadError || 'its unit file is wrong'}`,
    };
  }
  const unmet = facts.unmet.length === 0 ? '' : ` ${facts.unmet.join(', ')}`;
  if (facts.assertAt > facts.inactiveEnteredAt && !facts.assertMet) {
    return {
      intent: 'run',
      activity: 'failed',
      detail: `${state}: not started, an assertion did not hold:${unmet || ' see its unit file'}`,
    };
  }
  if (facts.conditionAt > facts.inactiveEnteredAt && !facts.conditionMet) {
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: `${state}: not started, a condition of its unit file is not met:${unmet || ' see systemctl status'}`,
    };
  }
  if (around.boundToFailed !== undefined) {
    const detail = `${state}: stopped together with ${around.boundToFailed}, which failed`;
    return { intent: 'run', activity: 'failed', detail };
  }
  if (around.stoppedByHand === 'yes') {
    return { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand' };
  }
  if (facts.type === 'oneshot') {
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: `${state}: it runs once and ends, and does not run now`,
    };
  }
  if (facts.triggeredBy.length > 0 && around.stoppedByHand === 'unknown') {
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: `${state}: it waits for ${facts.triggeredBy.join(', ')}`,
    };
  }
  if (around.stoppedByHand === 'no') {
    const how = exitText(facts) ?? 'cleanly';
    return {
      intent: 'run',
      activity: 'failed',
      detail: `${state}: nobody stopped it, it ended by itself (${how})`,
    };
  }
  const enabled = facts.unitFileState === 'enabled' || facts.unitFileState === 'enabled-runtime';
  if (enabled && facts.inactiveExitedAt === 0) {
    return {
      intent: 'run',
      activity: 'failed',
      detail: `${state}: it is enabled, but was not started since the machine booted (a dependency may have failed)`,
    };
  }
  const why = facts.inactiveExitedAt === 0 ? 'it is not running and nothing asks for it' : 'it ended cleanly';
  return { intent: 'stopped', activity: 'stopped', detail: `${state}: ${why}` };
}

function warningsOf(facts: UnitFacts): readonly string[] {
  const warnings: string[] = [];
  if (facts.loadState === 'masked')
    warnings.push(`${facts.id} is masked; to allow it again: systemctl unmask ${facts.id}`);
  if (facts.loadState === 'not-found') {
    warnings.push(`${facts.id} is not found; check its name with: systemctl list-unit-files`);
  }
  if (facts.loadState === 'bad-setting' || facts.loadState === 'error') {
    warnings.push(
      `${facts.id} cannot be loaded: ${facts.loadError || 'its unit file is wrong'}; see: systemd-analyze verify ${facts.id}`,
    );
  }
  if (facts.needReload)
    warnings.push(`the unit file of ${facts.id} changed; to use it: systemctl daemon-reload`);
  if (
    facts.conditionAt > facts.inactiveEnteredAt &&
    !facts.conditionMet &&
    facts.activeState === 'inactive'
  ) {
    warnings.push(
      `${facts.id} is not started because of its unit file: ${facts.unmet.join(', ') || 'a condition is not met'}`,
    );
  }
  return warnings;
}
