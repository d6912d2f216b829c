import { backoff } from '../../lib/backoff.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { RepairRecord } from '../../model/incident.ts';
import type { OperationResult } from '../../model/manager.ts';
import type { CheckState, Operation, RepairState, Verification } from '../../model/state.ts';
import { hasReached } from '../checks/check-state.ts';
import { considerIncident } from '../incidents/incident.ts';
import { raise, worstSeverity } from '../incidents/raise.ts';
import { note } from '../incidents/timeline.ts';
import { isWatched } from '../services/service-state.ts';
import { beginStartup } from '../services/startup.ts';
import { edit, editIncident, incidentOf, record, serviceOf, type Work } from '../work.ts';
import { attemptsLeft } from './budget.ts';
import { standDown } from './stand-down.ts';

/** Milliseconds beyond its turn and deadline in which a reading may still come. */
const ALLOWANCE = 10_000;

/** The operation of a repair has ended. That alone proves nothing: now the service must come up, and stay up. */
export function repairOperated(
  work: Work,
  name: string,
  operation: Operation,
  result: OperationResult,
): void {
  const service = serviceOf(work, name);
  const incident = incidentOf(work, operation.incident);
  const repair = incident?.repairs.findLast(({ outcome }) => outcome === 'running');
  if (!service) return;
  if (!incident || !repair) {
    comesUp(work, name, operation, result);
    return;
  }
  const { detail, output } = result;
  if (!result.ok && incident.closedAt === undefined) {
    markRepair(work, incident.id, repair.id, { outcome: 'failed', detail, output, endedAt: work.at.now });
    repairFailed(work, name, incident.id, `${operation.kind} failed: ${detail}`);
    return;
  }
  if (incident.closedAt !== undefined) {
    // Somebody stopped or unmonitored it meanwhile: there is nothing left to prove.
    const outcome = result.ok ? 'held' : 'failed';
    markRepair(work, incident.id, repair.id, { outcome, detail, output, endedAt: work.at.now });
    comesUp(work, name, operation, result);
    return;
  }
  markRepair(work, incident.id, repair.id, { outcome: 'verifying', detail, output });
  const verifying: Verification = {
    repair: repair.id,
    kind: operation.kind,
    check: incident.check,
    incident: incident.id,
    until: 0,
  };
  edit(work, name, { repair: { ...service.repair, verifying } });
  beginStartup(work, name, { kind: operation.kind, place: true });
}

/** Nothing is left to prove, but what was just started needs its time all the same before anything counts against it. */
function comesUp(work: Work, name: string, { kind }: Operation, { ok }: OperationResult): void {
  const service = serviceOf(work, name);
  if (service && ok && kind !== 'stop' && isWatched(service)) beginStartup(work, name, { kind, place: true });
}

/** A repair that stops has nothing to prove: it did what it is for. */
export function repairStopped(work: Work, { incident: id }: Operation, result: OperationResult): void {
  const incident = incidentOf(work, id);
  const repair = incident?.repairs.findLast(({ outcome }) => outcome === 'running');
  if (!incident || !repair) return;
  const { detail, output } = result;
  markRepair(work, incident.id, repair.id, { outcome: 'held', detail, output, endedAt: work.at.now });
}

/** The operation of a repair was not carried out after all. */
export function repairDropped(work: Work, name: string, operation: Operation, why: string): void {
  const incident = incidentOf(work, operation.incident);
  const repair = incident?.repairs.findLast(({ outcome }) => outcome === 'running');
  if (!incident || !repair) return;
  const changes = { outcome: 'failed' as const, detail: `not done: ${why}`, endedAt: work.at.now };
  markRepair(work, incident.id, repair.id, changes);
  note(work, incident.id, `${operation.kind} of ${name} not done: ${why}`);
}

/** It came up: from now on it must stay up for `hold`. */
export function repairReady(work: Work, name: string, remark: string): void {
  const service = serviceOf(work, name);
  const verifying = service?.repair.verifying;
  const hold = work.index.services.get(name)?.service.budget.hold ?? 0;
  if (!service || !verifying) return;
  const { now } = work.at;
  const onTrial = { ...verifying, readySince: now, until: now + hold };
  edit(work, name, { repair: { ...service.repair, verifying: onTrial } });
  note(
    work,
    verifying.incident,
    `up again after ${verifying.kind}${remark}, on trial for ${formatDuration(hold)}`,
  );
}

/** `why` goes on after its name: `did not come up in time: ...`. */
export function repairNotReady(work: Work, name: string, why: string): void {
  const service = serviceOf(work, name);
  const verifying = service?.repair.verifying;
  if (!service || !verifying) return;
  markRepair(work, verifying.incident, verifying.repair, {
    outcome: 'failed',
    detail: why,
    endedAt: work.at.now,
  });
  repairFailed(work, name, verifying.incident, `${verifying.kind} did not help: it ${why}`);
}

/** Ends a trial: by time when all is well, at once when a check that a repair could mend is down again. */
export function considerTrial(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  const verifying = service?.repair.verifying;
  if (!service || !indexed || verifying?.readySince === undefined) return;
  const { now } = work.at;
  const { readySince } = verifying;
  const again = indexed.service.checks.find((check) => {
    const state = service.checks[check.name];
    const concerns = check.vital || check.name === verifying.check || check.repair.length > 0;
    return concerns && state?.level === 'failing' && hasReached(check, state, 'failing', readySince);
  });
  if (again) {
    const detail = `${again.name} was down again after ${formatDuration(now - readySince)}`;
    markRepair(work, verifying.incident, verifying.repair, { outcome: 'not-held', detail, endedAt: now });
    // Another check than the one that asked for the repair: its own incident is the one that goes on.
    if (again.name !== verifying.check) considerIncident(work, name, again.name);
    const incident = serviceOf(work, name)?.checks[again.name]?.incident ?? verifying.incident;
    repairFailed(work, name, incident, `${verifying.kind} did not hold: ${detail}`);
    return;
  }
  const state = service.checks[verifying.check];
  // A soft failure at the very end decides nothing: it becomes down, or it passes. Nor does silence.
  if (now < verifying.until || state?.judgement?.verdict === 'failing' || isOld(work, name, state)) return;
  if (state?.judgement?.verdict === 'unknown') {
    const why = `it could not be told whether ${verifying.kind} held: ${state.judgement.summary}`;
    endTrial(work, name, 'unclear', why);
    record(work, {
      type: 'repair-finished',
      service: name,
      check: verifying.check,
      incident: verifying.incident,
      text: `${name}: ${why}`,
    });
    note(work, verifying.incident, why);
    return;
  }
  endTrial(work, name, 'held', `held for ${formatDuration(now - readySince)}`);
  record(work, {
    type: 'repair-held',
    service: name,
    check: verifying.check,
    incident: verifying.incident,
    text: `${verifying.kind} of ${name} held`,
  });
  note(work, verifying.incident, `${verifying.kind} held`);
}

/** Whether a check has not been seen for much longer than its turns take: the agent itself stood still. */
function isOld(work: Work, name: string, state: CheckState | undefined): boolean {
  const check = work.index.services.get(name)?.checks.get(state?.name ?? '');
  if (!check || !state || !('every' in check.cadence)) return false;
  return work.at.now - (state.lastRun ?? 0) > 2 * check.cadence.every + check.timeout + ALLOWANCE;
}

/** Ends the trial of a repair without counting it as a failure: it held, or something else took its place. */
export function endTrial(work: Work, name: string, outcome: RepairRecord['outcome'], detail: string): void {
  const service = serviceOf(work, name);
  const verifying = service?.repair.verifying;
  if (!service || !verifying) return;
  markRepair(work, verifying.incident, verifying.repair, { outcome, detail, endedAt: work.at.now });
  edit(work, name, { repair: { ...service.repair, verifying: undefined } });
}

/** One more that did not help: next rung, longer wait, and people are told that this one needs them. */
function repairFailed(work: Work, name: string, incident: string, why: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  const { budget } = indexed.service;
  const { now } = work.at;
  const failures = service.repair.failures + 1;
  const ladder = indexed.checks.get(service.repair.check ?? '')?.repair.length ?? 1;
  const delay = backoff(budget.backoff, failures, `${name}/${incident}`);
  const repair: RepairState = {
    ...service.repair,
    verifying: undefined,
    failures,
    rung: Math.max(0, Math.min(service.repair.rung + 1, ladder - 1)),
    notBefore: now + delay,
  };
  edit(work, name, { repair });
  record(work, { type: 'repair-failed', service: name, incident, text: `${name}: ${why}` });
  note(work, incident, why);
  const again = repair.stoodDownAt !== undefined;
  if (again || attemptsLeft(repair, budget, now) === 0) standDown(work, name, incident, why);
  else raise(work, incident, worstSeverity(work, incident), why);
}

function markRepair(work: Work, id: string, repair: string, changes: Partial<RepairRecord>): void {
  const incident = incidentOf(work, id);
  if (!incident) return;
  editIncident(work, id, {
    repairs: incident.repairs.map((one) => (one.id === repair ? { ...one, ...changes } : one)),
  });
}
