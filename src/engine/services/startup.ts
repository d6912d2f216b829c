import type { ManagerReport } from '../../model/manager.ts';
import type { Verdict } from '../../model/reading.ts';
import type { Check } from '../../model/service.ts';
import type { ServiceState, Startup } from '../../model/state.ts';
import type { IndexedService } from '../config-index.ts';
import { edit, serviceOf, type Work } from '../work.ts';

/**
 * The time a service is given to come up. Until it is over, or every check has passed, bad readings do not count.
 * `after`: milliseconds until it will even have been started, where its manager says so.
 */
export function beginStartup(
  work: Work,
  name: string,
  { kind, place, after = 0 }: { kind: Startup['kind']; place: boolean; after?: number },
): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  const { now } = work.at;
  const startup: Startup = {
    kind,
    since: now,
    until: now + after + indexed.service.startTimeout,
    required: requiredChecks(indexed, service),
    passed: [],
    place,
  };
  edit(work, name, { startup, freshFrom: now });
  work.actions.push({ do: 'probe', service: name });
}

/**
 * Which checks prove that it is up: all but those that were broken before and that no repair is meant to mend, such as
 * a certificate that ran out last week.
 */
function requiredChecks(indexed: IndexedService, service: ServiceState): readonly string[] {
  const verified = service.repair.verifying?.check;
  return indexed.service.checks
    .filter(({ name, vital, repair }) => {
      const state = service.checks[name];
      const broken = state?.level === 'failing' || state?.state === 'unknown';
      return vital || name === verified || repair.length > 0 || !broken;
    })
    .map(({ name }) => name);
}

/** The start-up after one more reading that began within it. */
export function afterProbe(
  { startup, report }: Pick<ServiceState, 'startup' | 'report'>,
  { name, vital }: Pick<Check, 'name' | 'vital'>,
  verdict: Verdict,
): Startup | undefined {
  if (!startup) return undefined;
  const { died: _, ...living } = startup;
  const passed = startup.passed.includes(name);
  if (verdict === 'ok' || verdict === 'warning') {
    if (passed) return startup;
    return { ...(vital ? living : startup), passed: [...startup.passed, name] };
  }
  if (!passed) return startup;
  const without = { ...startup, passed: startup.passed.filter((one) => one !== name) };
  return vital && verdict === 'failing' && !isBroughtUp(startup, report)
    ? { ...without, died: true }
    : without;
}

/** Its own manager starts it, again or still: that has all of its time. */
function isBroughtUp({ kind }: Startup, report: ManagerReport | undefined): boolean {
  return kind === 'manager' || ['starting', 'restarting', 'stopping'].includes(report?.activity ?? '');
}
