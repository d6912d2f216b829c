import { getFromShelf, putOnShelf } from '../../lib/shelf.ts';
import type { Config } from '../../model/config.ts';
import type { Judgement } from '../../model/reading.ts';
import type { Check } from '../../model/service.ts';
import type { CheckState, EngineState, ServiceState, Startup } from '../../model/state.ts';
import type { Input } from '../../model/step.ts';
import { indexOf } from '../config-index.ts';
import type { Judge } from '../judge.ts';
import { isBeingOperated, isWatched } from '../services/service-state.ts';
import { afterProbe } from '../services/startup.ts';
import { edit, put, type Work, withServices } from '../work.ts';
import { checkStateName, count, type Seen, withSeen } from './check-state.ts';
import { flappingChanged } from './flapping-notice.ts';

type Observed = Extract<Input, { type: 'observed' }>;

/** What one cycle makes of a check and its service, before anything is decided. */
export interface Cycle {
  readonly service: ServiceState;
  readonly check: Check;
  readonly before: CheckState;
  readonly after: CheckState;
  readonly startup: Startup | undefined;
  /** A passing check of a healthy service: by far the most frequent cycle, with nothing to decide and nothing to store. */
  readonly nothingNew: boolean;
}

/** The reading becomes a verdict, the verdict counts or is excused, and the check gets its state. Undefined: not watched. */
export function cycleOf(
  config: Config,
  state: Pick<EngineState, 'services' | 'trust'>,
  input: Observed,
  now: number,
  judge: Judge,
): Cycle | undefined {
  const service = getFromShelf(state.services, input.service);
  const check = indexOf(config).services.get(input.service)?.checks.get(input.check);
  const before = service?.checks[input.check];
  if (!service || !check || !before || !isWatched(service)) return undefined;
  const { beganAt = now - input.tookMs } = input;
  const stale = isBeingOperated(service) || beganAt < service.freshFrom;
  const { trusted, reason } = state.trust;
  const { judgement, memory } = trusted
    ? judge(check, input.result, before.memory, now)
    : { judgement: distrusted(reason), memory: before.memory };
  const { verdict } = judgement;
  const seen: Seen = {
    memory,
    judgement,
    outcome: input.result.outcome,
    reading: 'reading' in input.result ? input.result.reading : before.reading,
    lastRun: now,
    tookMs: input.tookMs,
    unknownSince: verdict === 'unknown' && trusted ? (before.unknownSince ?? now) : undefined,
  };
  const excused = stale || verdict === 'unknown' || (verdict !== 'ok' && isExcused(service));
  const counted = excused
    ? withSeen(before, seen, before.samples)
    : count(check, before, seen, { at: momentOf(before, now), verdict, text: shortly(judgement) });
  const name = checkStateName(counted, verdict);
  const after = name === before.state ? counted : { ...counted, state: name, since: now };
  const startup = stale ? service.startup : afterProbe(service, check, verdict);
  return { service, check, before, after, startup, nothingNew: isNothingNew(service, before, after) };
}

/** Readings count from a moment on. One that follows within the same millisecond is later all the same: it may be the end of what just came up. */
function momentOf({ countFrom }: CheckState, now: number): number {
  return now > countFrom ? now : countFrom + 0.001;
}

/** Takes a cycle into the state. */
export function observe(work: Work, input: Observed): void {
  const cycle = cycleOf(work.config, work, input, work.at.now, work.judge);
  if (!cycle) return;
  const { service, check, before, after, startup } = cycle;
  const checks = { ...service.checks, [check.name]: after };
  if (cycle.nothingNew) put(work, { ...service, checks });
  else edit(work, service.name, { checks, startup });
  if (before.flap.flapping !== after.flap.flapping) flappingChanged(work, service.name, check, after);
}

/** The state after a cycle with nothing to decide: all that is new is one passing reading. */
export function afterQuietCycle(state: EngineState, { service, check, after }: Cycle): EngineState {
  const changed = { ...service, checks: { ...service.checks, [check.name]: after } };
  return withServices(state, putOnShelf(state.services, service.name, changed));
}

/** A bad reading is no failure while it comes up or while a rule says so; a good one always counts. */
function isExcused(service: ServiceState): boolean {
  return service.startup !== undefined || service.holding !== undefined;
}

/** Whether a check that was well stays so, and nothing of its service waits for it. */
export function isNothingNew(service: ServiceState, before: CheckState, after: CheckState): boolean {
  return (
    before.state === 'up' &&
    after.state === 'up' &&
    after.level === 'ok' &&
    before.incident === undefined &&
    before.pace === undefined &&
    before.flap.flapping === after.flap.flapping &&
    service.startup === undefined &&
    service.repair.verifying === undefined
  );
}

/** One value: readings stand side by side, and a summary lists several. */
function shortly({ verdict, findings, summary }: Judgement): string {
  const measured = findings[0]?.measured;
  if (measured !== undefined && measured !== '') return measured;
  const end = verdict === 'ok' ? summary.indexOf(', ') : -1;
  return end < 0 ? summary : summary.slice(0, end);
}

function distrusted(reason: string | undefined): Judgement {
  return { verdict: 'unknown', summary: `not trusted: ${reason ?? 'no reason given'}`, findings: [] };
}
