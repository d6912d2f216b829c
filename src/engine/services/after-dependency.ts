import { handsOff } from '../repairs/repair-mute.ts';
import { nextSequence, serviceOf, type Work } from '../work.ts';
import { enqueue, withholdOperation } from './operation.ts';
import { isWatched } from './service-state.ts';

/**
 * After a repair brought a service back: restarts those that depend on it and asked for that. It is ready,
 * though perhaps not yet known to be up, so it is no reason to wait.
 */
export function startDependents(work: Work, name: string): void {
  for (const dependent of work.index.services.get(name)?.dependents ?? []) {
    const indexed = work.index.services.get(dependent);
    const service = serviceOf(work, dependent);
    if (!indexed?.service.restartAfterDependency || !service || !isWatched(service)) continue;
    const against = handsOff(work, indexed, service);
    if (against) {
      withholdOperation(work, dependent, `${dependent} is not restarted after ${name}`, against);
      continue;
    }
    enqueue(work, dependent, {
      id: `op-${nextSequence(work)}`,
      kind: 'restart',
      reason: `${name} was repaired`,
      by: 'dependency',
      requestedAt: work.at.now,
    });
  }
}
