import { formatDuration } from '../../lib/duration.ts';
import type { Incident } from '../../model/incident.ts';
import type { OperationKind } from '../../model/manager.ts';
import type { Check, RepairBudget, RepairStep } from '../../model/service.ts';
import type { RepairState, ServiceState } from '../../model/state.ts';
import type { IndexedService } from '../config-index.ts';
import { note } from '../incidents/timeline.ts';
import { type Mute, mute } from '../notices/mute.ts';
import { heldBack } from '../services/dependency.ts';
import {
  decide,
  edit,
  editIncident,
  incidentOf,
  nextSequence,
  record,
  serviceOf,
  type Work,
} from '../work.ts';
import { attemptsLeft, secondTryAt, spend } from './budget.ts';
import { placeTaken, waitForPlace } from './place.ts';
import { noRepairs } from './repair-mute.ts';
import { standDown } from './stand-down.ts';

/** How old a reading may be that a repair is based on. Milliseconds. */
const JUST_NOW = 60_000;

/** A check that is down, seen failing just now, with an incident and a ladder of repairs. */
interface Candidate {
  readonly check: Check;
  readonly incident: Incident;
  readonly step: RepairStep;
}

/** Starts a repair where one is due and nothing speaks against it; else keeps the reason why not. */
export function considerRepair(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  const candidate = candidateOf(work, indexed, service);
  if (!candidate || service.operation || service.startup) return;
  // One that was interrupted is about to be done again.
  if (service.queue.some(({ by }) => by === 'repair')) return;
  // On trial: whether this is a relapse is for the trial to say.
  if (service.repair.verifying) return;
  const { check, incident } = candidate;
  const why = whyNot(work, indexed, service, candidate);
  if (why === undefined) {
    if (wasSeenJustNow(work, service, check)) start(work, service, candidate);
    else lookAgain(work, service, check);
    return;
  }
  const say = (reason: string): string => `no ${candidate.step.kind} for ${check.name}: ${reason}`;
  const text = say(why.why);
  const about = { check: check.name, incident: incident.id };
  const { key, lasting } = why;
  const more = { key: say(key), ...(lasting !== undefined && { lasting: say(lasting) }) };
  if (!decide(work, name, 'noRepair', text, { ...about, ...more })) return;
  record(work, { type: 'repair-withheld', service: name, ...about, text });
  note(work, incident.id, text);
}

/** A repair answers what is, not what was before the last operation or before a long wait. */
function wasSeenJustNow(work: Work, service: ServiceState, check: Check): boolean {
  const seenAt = service.checks[check.name]?.lastRun ?? Number.NEGATIVE_INFINITY;
  return seenAt >= Math.max(service.freshFrom, work.at.now - JUST_NOW);
}

function lookAgain(work: Work, service: ServiceState, check: Check): void {
  const { repair } = service;
  if (repair.askedAt !== undefined && work.at.now - repair.askedAt < JUST_NOW / 2) return;
  edit(work, service.name, { repair: { ...repair, askedAt: work.at.now } });
  work.actions.push({ do: 'probe', service: service.name, check: check.name });
}

function candidateOf(work: Work, indexed: IndexedService, service: ServiceState): Candidate | undefined {
  const { vital } = indexed;
  const checks = vital
    ? [vital, ...indexed.service.checks.filter((one) => one !== vital)]
    : indexed.service.checks;
  for (const check of checks) {
    const state = service.checks[check.name];
    const incident = incidentOf(work, state?.incident);
    if (!state || !incident || state.level !== 'failing' || state.judgement?.verdict !== 'failing') continue;
    const { repair } = service;
    const rung = repair.check === check.name ? repair.rung : 0;
    const step = check.repair[Math.min(rung, check.repair.length - 1)];
    if (step) return { check, incident, step };
  }
  return undefined;
}

/** The first reason against a repair; stands the service down where the budget is the reason. */
function whyNot(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
  candidate: Candidate,
): Mute | undefined {
  const { check, incident } = candidate;
  const { budget } = indexed.service;
  const { repair, name } = service;
  const { now } = work.at;
  const muted = noRepairs(work, indexed, service, check);
  if (muted !== undefined) return muted;
  const cause = heldBack(work, indexed, service, check);
  if (cause !== undefined) return mute(cause);
  if (repair.stoodDownAt === undefined && attemptsLeft(repair, budget, now) === 0) {
    standDown(work, name, incident.id, `${check.name} is down again`);
  }
  const rest = whyRest(serviceOf(work, name)?.repair ?? repair, budget, now);
  if (rest !== undefined) return mute(rest);
  if (now < repair.notBefore) {
    return mute(`repair number ${repair.failures} did not help, so the next one waits its turn`);
  }
  const place = placeTaken(work, indexed.service);
  if (place === undefined) return undefined;
  waitForPlace(work, name);
  return mute(place);
}

function whyRest(repair: RepairState, budget: RepairBudget, now: number): string | undefined {
  if (repair.stoodDownAt === undefined) return undefined;
  const again = secondTryAt(repair, budget, now);
  if (again === undefined) return 'it stood down; `watcher monitor` or `watcher restart` starts over';
  return now < again
    ? `it stood down; one more try after ${formatDuration(again - repair.stoodDownAt)}`
    : undefined;
}

function start(work: Work, service: ServiceState, { check, incident, step }: Candidate): void {
  const { now } = work.at;
  const { name } = service;
  const budget = work.index.services.get(name)?.service.budget;
  if (!budget) return;
  const kind: OperationKind = step.command ? 'run' : (step.kind as OperationKind);
  const attempts = spend(service.repair, budget, now);
  const second = service.repair.stoodDownAt !== undefined;
  const number = incident.repairs.length + 1;
  const evidence = `${incident.id}-${number}`;
  const operation = {
    id: `op-${nextSequence(work)}`,
    kind,
    ...(step.command && { command: step.command }),
    reason: `${check.name} is down: ${incident.summary}`,
    by: 'repair' as const,
    incident: incident.id,
    requestedAt: now,
    startedAt: now,
  };
  edit(work, name, {
    operation,
    repair: {
      ...service.repair,
      attempts,
      check: check.name,
      rung: service.repair.check === check.name ? service.repair.rung : 0,
      secondTries: service.repair.secondTries + (second ? 1 : 0),
    },
  });
  editIncident(work, incident.id, {
    repairs: [
      ...incident.repairs,
      { id: `${incident.id}/r${number}`, kind, at: now, outcome: 'running', detail: '' },
    ],
  });
  const spent = `attempt ${attempts.length} of ${budget.attempts} in ${formatDuration(budget.window)}`;
  const text = `${kind} of ${name} (${spent}) because ${operation.reason}`;
  record(work, { type: 'repair-started', service: name, check: check.name, incident: incident.id, text });
  note(work, incident.id, `${kind} started (${spent})`);
  decide(work, name, 'repair', text, { check: check.name, incident: incident.id });
  const hurry = check.vital && service.checks[check.name]?.outcome === 'failed';
  work.actions.push({ do: 'operate', service: name, operation, evidence, ...(hurry && { hurry }) });
}
