import type { Service } from '../../model/service.ts';
import type { CheckState, Operation } from '../../model/state.ts';
import { repairOperated } from '../repairs/verification.ts';
import { beginStartup } from '../services/startup.ts';
import { edit, record, serviceOf, type Work } from '../work.ts';

/** Readings older than this many of their own periods say little about the next one. */
const OLD = 3;

/** A trial that an earlier agent began goes on for at least this long, or for `hold`. Milliseconds. */
const LOOK = 60_000;

/** The agent has just started: what it was doing when it died is looked at before anything is done. */
export function resumeAfterStart(work: Work, rule: Service): void {
  const service = serviceOf(work, rule.name);
  if (!service) return;
  forgetOldSamples(work, rule);
  lookFirst(work, rule);
  if (service.operation) interrupted(work, rule.name, service.operation);
  for (const { name, pace } of Object.values(service.checks)) {
    if (pace !== undefined) work.actions.push({ do: 'pace', service: rule.name, check: name, every: pace });
  }
}

/** Nothing is decided on what an earlier agent saw: start-ups and trials go on long enough to be looked at again. */
function lookFirst(work: Work, rule: Service): void {
  const service = serviceOf(work, rule.name);
  if (!service) return;
  const { now } = work.at;
  const { startup, repair } = service;
  const { verifying } = repair;
  const trial = now + Math.min(rule.budget.hold, LOOK);
  edit(work, rule.name, {
    freshFrom: now,
    startup: startup && { ...startup, until: Math.max(startup.until, now + rule.startTimeout) },
    repair: verifying
      ? { ...repair, verifying: { ...verifying, until: Math.max(verifying.until, trial) } }
      : repair,
  });
  if (startup || verifying) work.actions.push({ do: 'probe', service: rule.name });
}

/**
 * Nobody knows how far it came. A start or stop is given again, which does no harm if it was done; anything else counts
 * as done and has to prove itself: a repair that was interrupted is spent all the same.
 */
function interrupted(work: Work, name: string, operation: Operation): void {
  const service = serviceOf(work, name);
  if (!service) return;
  record(work, {
    type: 'operation-finished',
    service: name,
    text: `${operation.kind} of ${name} was interrupted when the agent stopped; its outcome is looked at`,
  });
  const again =
    (operation.by === 'operator' && (operation.kind === 'start' || operation.kind === 'stop')) ||
    (operation.by === 'repair' && operation.kind === 'stop');
  edit(work, name, {
    operation: undefined,
    freshFrom: work.at.now,
    queue:
      again && !service.queue.some(({ by }) => by === 'operator')
        ? [{ ...operation, startedAt: undefined }]
        : service.queue,
  });
  if (operation.by === 'repair' && operation.kind === 'stop') return;
  if (operation.by === 'repair') {
    const detail = 'interrupted when the agent stopped';
    repairOperated(work, name, operation, { ok: true, detail, tookMs: 0 });
    return;
  }
  if (operation.kind !== 'stop') beginStartup(work, name, { kind: operation.kind, place: false });
}

/** Failures from before a long pause and one after it are not a run of failures. */
function forgetOldSamples(work: Work, rule: Service): void {
  const service = serviceOf(work, rule.name);
  if (!service) return;
  const checks: Record<string, CheckState> = {};
  let changed = false;
  for (const check of rule.checks) {
    const state = service.checks[check.name];
    if (!state) continue;
    const period = 'every' in check.cadence ? check.cadence.every : Number.POSITIVE_INFINITY;
    const old = state.samples.length > 0 && work.at.now - (state.lastRun ?? 0) > OLD * period + check.timeout;
    checks[check.name] = old ? { ...state, countFrom: work.at.now - 1, unknownSince: undefined } : state;
    changed ||= old;
  }
  if (changed) edit(work, rule.name, { checks: { ...service.checks, ...checks } });
}
