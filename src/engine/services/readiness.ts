import type { ServiceState, Startup } from '../../model/state.ts';
import { repairNotReady, repairReady } from '../repairs/verification.ts';
import { edit, record, serviceOf, type Work } from '../work.ts';
import { startDependents } from './after-dependency.ts';

/** Milliseconds beyond its deadline in which a reading may still come. */
const ALLOWANCE = 10_000;

/** Ends the start-up when it is ready, or when its time is up. */
export function considerStartup(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const startup = service?.startup;
  if (!service || !startup) return;
  const missing = startup.required.filter((check) => !startup.passed.includes(check));
  if (missing.length === 0) {
    endReady(work, service, startup, '');
    return;
  }
  const died = startup.died === true;
  if (!died && work.at.now < startup.until) return;
  const unseen = missing.some((check) => !isSeen(service, startup, check));
  if (!died && unseen && work.at.now < lastWait(work, name, startup)) return;
  const failing = missing.filter((check) => service.checks[check]?.judgement?.verdict !== 'unknown');
  // Where nothing can be told, nothing is held against it: unknown never repairs or pages.
  if (failing.length === 0) {
    endReady(work, service, startup, ` (${missing.join(', ')} could not be told)`);
    return;
  }
  const words = failing.map((check) => `${check}: ${lastWords(service, check)}`).join('; ');
  const why = `${died ? 'died while it came up' : 'did not come up in time'}: ${words}`;
  edit(work, name, { startup: undefined });
  if (service.repair.verifying) repairNotReady(work, name, why);
  else {
    record(work, { type: 'operation-finished', service: name, text: `${name} ${why}` });
    // Nothing that was seen meanwhile counts as a failure yet: what is seen now does, and not at its next turn only.
    for (const check of failing) work.actions.push({ do: 'probe', service: name, check });
  }
}

function isSeen(service: ServiceState, startup: Startup, check: string): boolean {
  return (service.checks[check]?.lastRun ?? Number.NEGATIVE_INFINITY) >= startup.since;
}

/** A probe that is still under way when the time is up may have its say. */
export function lastWait(work: Work, name: string, startup: Startup): number {
  const checks = work.index.services.get(name)?.checks;
  const timeouts = startup.required.map((check) => checks?.get(check)?.timeout ?? 0);
  return startup.until + Math.max(0, ...timeouts) + ALLOWANCE;
}

function endReady(work: Work, service: ServiceState, startup: Startup, note: string): void {
  const { name, grace } = service;
  edit(work, name, {
    startup: undefined,
    ...(startup.kind === 'manager' && grace && { grace: { ...grace, readyAt: work.at.now } }),
  });
  const { verifying } = service.repair;
  if (verifying) repairReady(work, name, note);
  else record(work, { type: 'started', service: name, text: `${name} is up${note}` });
  if (verifying && (startup.kind === 'start' || startup.kind === 'restart')) startDependents(work, name);
}

function lastWords(service: ServiceState, check: string): string {
  const state = service.checks[check];
  const { startup } = service;
  if (!state?.judgement || (startup && !isSeen(service, startup, check))) return 'has not been seen since';
  return state.judgement.summary;
}
