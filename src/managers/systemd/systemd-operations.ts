import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { OperationResult } from '../../model/manager.ts';
import type { ManagerContext } from '../manager-kind.ts';
import { done, failed } from '../outcome.ts';
import { exitText } from './systemd-exit.ts';
import { type JournalScope, journalSince } from './systemd-journal.ts';
import type { JobOutcome, JobRequest, JobVerb, SystemdLink } from './systemd-link.ts';
import type { UnitFacts } from './systemd-unit.ts';

export interface UnitToOperate {
  readonly link: SystemdLink;
  readonly host: Host;
  readonly unit: string;
  readonly journal: JournalScope;
  readonly context: Pick<ManagerContext, 'startTimeout' | 'stopTimeout'>;
}

const pastTense: Readonly<Record<JobVerb, string>> = {
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  reload: 'reloaded',
};
/** Journal lines that go with a failed operation. */
const evidenceLines = 15;

/** Runs one job to its end and says what came of it. */
export async function operateUnit(
  target: UnitToOperate,
  verb: JobVerb,
  signal?: AbortSignal,
): Promise<OperationResult> {
  const { link, unit, host } = target;
  const began = host.clock.monotonic();
  const asked = await link.read(unit);
  const before = asked.ok ? asked.value : undefined;
  if (verb === 'reload' && before?.canReload === false) {
    const hint = `give it an ExecReload= in its unit file, or use restart`;
    return failed(`${unit} cannot reload: ${hint}`, began, host.clock.monotonic());
  }
  const hasFailed = before?.activeState === 'failed';
  const starts = verb === 'start' || verb === 'restart';
  const resetFailed = starts && before !== undefined && isLimited(before, host.clock.instant().wall);
  // What has failed systemd forgets no sooner than it is started or reset: that start need not wait for a message more.
  const unpin = hasFailed && !resetFailed ? undefined : await link.pin(unit);
  try {
    return await runJob(target, { verb, unit, failed: hasFailed, resetFailed }, began, signal);
  } finally {
    unpin?.();
  }
}

async function runJob(
  target: UnitToOperate,
  job: JobRequest,
  began: number,
  signal: AbortSignal | undefined,
): Promise<OperationResult> {
  const { link, unit, host } = target;
  const { verb } = job;
  const outcome = await link.job(job, patience(verb, target.context), signal);
  const after = await link.read(unit);
  const facts = after.ok ? after.value : undefined;
  const took = host.clock.monotonic();
  if (outcome.result === 'done' || outcome.result === 'skipped') {
    const wrong = facts === undefined ? undefined : notAsAsked(verb, facts);
    if (wrong === undefined) return done(success(verb, facts), began, took);
    return failed(wrong, began, took, await evidence(target, began));
  }
  if (outcome.result === 'refused') {
    return failed(outcome.reason ?? `systemd refused to ${verb} ${unit}`, began, took);
  }
  return failed(
    explain(outcome, verb, unit, facts, took - began),
    began,
    took,
    await evidence(target, began),
  );
}

function patience(verb: JobVerb, { startTimeout, stopTimeout }: UnitToOperate['context']): number {
  if (verb === 'stop') return stopTimeout;
  return verb === 'restart' ? stopTimeout + startTimeout : startTimeout;
}

/**
 * Whether it may have run into its start limit: then systemd refuses to start it until it is told to forget the starts
 * before; the watcher has a budget of its own. What last started before the limit's interval began is not refused
 * (ratelimit_below() of systemd's source), and its start need not wait for a message more.
 */
function isLimited(facts: UnitFacts, wall: number): boolean {
  const { activeState, startLimit, startLimitInterval, inactiveExitedAt, mainStartedAt } = facts;
  if (activeState !== 'failed' || startLimit === 0 || startLimitInterval === 0) return false;
  return wall - Math.max(inactiveExitedAt, mainStartedAt) <= startLimitInterval;
}

function success(verb: JobVerb, facts: UnitFacts | undefined): string {
  const pid = facts === undefined || facts.mainPid === 0 ? '' : `, pid ${facts.mainPid}`;
  return verb === 'stop' ? 'stopped' : `${pastTense[verb]}${pid}`;
}

/** A job can be done without the unit being as asked: a condition that is not met skips the start silently. */
function notAsAsked(verb: JobVerb, facts: UnitFacts): string | undefined {
  if (verb === 'stop') return undefined;
  if (facts.activeState === 'inactive' && facts.conditionAt > 0 && !facts.conditionMet) {
    const unmet = facts.unmet.join(', ') || `see: systemctl status ${facts.id}`;
    return `systemd did not start ${facts.id}, because a condition of its unit file is not met: ${unmet}`;
  }
  if (facts.activeState === 'failed') {
    return `${facts.id} failed at once: ${facts.result}, ${exitText(facts) ?? 'no exit code'}`;
  }
  return undefined;
}

function explain(
  outcome: JobOutcome,
  verb: JobVerb,
  unit: string,
  facts: UnitFacts | undefined,
  took: number,
): string {
  const ended = facts === undefined ? undefined : exitText(facts);
  const how = facts === undefined ? '' : ` (${facts.result}${ended === undefined ? '' : `, ${ended}`})`;
  const reason = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
  const result = outcome.result === 'failed' && facts?.result === 'timeout' ? 'timeout' : outcome.result;
  switch (result) {
    case 'failed':
      return `${verb} of ${unit} failed${how}${reason}`;
    case 'timeout':
      return `${verb} of ${unit} took longer than its unit file allows${how}`;
    case 'dependency':
      return `${verb} of ${unit} failed, because a unit it depends on failed; see: systemctl list-dependencies ${unit}`;
    case 'canceled':
      return `${verb} of ${unit} was cancelled by another job`;
    case 'assert':
      return `systemd did not ${verb} ${unit}, because an assertion of its unit file does not hold: ${facts?.unmet.join(', ') ?? ''}`;
    case 'late':
      return `${verb} of ${unit} was not done after ${formatDuration(took)}${facts === undefined ? '' : `, it is ${facts.activeState} (${facts.subState})`}; systemd goes on with it${reason}`;
    default:
      return `${verb} of ${unit} ended as '${outcome.result}'${how}${reason}`;
  }
}

/** What was written down since the operation began. */
async function evidence({ host, unit, journal }: UnitToOperate, began: number): Promise<string> {
  const since = host.clock.instant().wall - (host.clock.monotonic() - began);
  return (await journalSince(host, unit, journal, evidenceLines, since)).join('\n');
}
