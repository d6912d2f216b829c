import type { Judgement } from '../model/reading.ts';
import type { CheckState, ServiceState } from '../model/state.ts';
import type { Input } from '../model/step.ts';
import { checkStateName, count } from './check-state.ts';
import { flappingChanged } from './flapping-notice.ts';
import { isBeingOperated, isWatched } from './service-state.ts';
import { afterProbe } from './startup.ts';
import { edit, put, serviceOf, type Work } from './work.ts';

type Observed = Extract<Input, { type: 'observed' }>;

/** One cycle: the reading becomes a verdict, the verdict counts or is excused, and the check gets its state. */
export function observe(work: Work, input: Observed): void {
  const service = serviceOf(work, input.service);
  const check = work.index.services.get(input.service)?.checks.get(input.check);
  const before = service?.checks[input.check];
  if (!service || !check || !before || !isWatched(service)) return;
  const { now } = work.at;
  const stale = isBeingOperated(service) || now - input.tookMs < service.freshFrom;
  const judged = work.trust.trusted
    ? work.judge(check, input.result, before.memory, now)
    : { judgement: distrusted(work.trust.reason), memory: before.memory };
  const { verdict } = judged.judgement;
  const seen: CheckState = {
    ...before,
    memory: judged.memory,
    judgement: judged.judgement,
    outcome: input.result.outcome,
    ...('reading' in input.result && { reading: input.result.reading }),
    lastRun: now,
    tookMs: input.tookMs,
    unknownSince: verdict === 'unknown' && work.trust.trusted ? (before.unknownSince ?? now) : undefined,
  };
  const excused = stale || verdict === 'unknown' || (verdict !== 'ok' && isExcused(service));
  const counted = excused ? seen : count(check, seen, { at: now, verdict, text: shortly(judged.judgement) });
  const state = checkStateName(counted, verdict);
  const after = state === before.state ? counted : { ...counted, state, since: now };
  const startup = stale ? service.startup : afterProbe(service.startup, check.name, verdict);
  const checks = { ...service.checks, [check.name]: after };
  if (isNothingNew(service, before, after)) put(work, { ...service, checks });
  else edit(work, service.name, { checks, startup });
  if (before.flap.flapping !== after.flap.flapping) flappingChanged(work, service.name, check, after);
}

/** A bad reading is no failure while it comes up or while a rule says so; a good one always counts. */
function isExcused(service: ServiceState): boolean {
  return service.startup !== undefined || service.holding !== undefined;
}

/** A passing check of a healthy service: by far the most frequent cycle, with nothing to decide and nothing to store. */
function isNothingNew(service: ServiceState, before: CheckState, after: CheckState): boolean {
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

function shortly({ findings, summary }: Judgement): string {
  return findings[0]?.measured || summary;
}

function distrusted(reason: string | undefined): Judgement {
  return { verdict: 'unknown', summary: `not trusted: ${reason ?? 'no reason given'}`, findings: [] };
}
