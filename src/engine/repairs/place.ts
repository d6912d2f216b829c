import type { Service } from '../../model/service.ts';
import { serviceOf, type Work } from '../work.ts';

/**
 * The blast radius: at most so many services at once are under repair on this host and in each group. A service keeps
 * its place until it is ready again, so a group is repaired one after the other.
 */
export function placeTaken(
  work: Pick<Work, 'config' | 'index' | 'repairing'>,
  service: Service,
): string | undefined {
  const others = work.repairing.filter((name) => name !== service.name);
  const { host, groups } = work.config.maxRepairs;
  if (others.length >= host)
    return `${others.length} ${others.length === 1 ? 'other is' : 'others are'} being repaired, and no more than ${host} at once on this host`;
  for (const group of service.groups) {
    const most = groups[group];
    if (most === undefined) continue;
    const busy = others.filter((name) => work.index.services.get(name)?.service.groups.includes(group));
    if (busy.length >= most)
      return `${busy.length} ${busy.length === 1 ? 'other is' : 'others are'} being repaired, and no more than ${most} at once in group ${group}`;
  }
  return undefined;
}

/** Puts a service among those that are looked at again when a place is free. */
export function waitForPlace(work: Work, name: string): void {
  if (!work.waiting.includes(name)) work.waiting = [...work.waiting, name];
}

/** Takes or gives back the place of a service after its operation or start-up changed; wakes those that wait. */
export function keepPlace(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const by = service?.operation?.by;
  const holds = (by !== undefined && by !== 'operator') || service?.startup?.place === true;
  const held = work.repairing.includes(name);
  if (holds) work.waiting = work.waiting.filter((one) => one !== name);
  if (holds === held) return;
  work.repairing = holds ? [...work.repairing, name] : work.repairing.filter((one) => one !== name);
  if (holds) return;
  const { waiting } = work;
  work.waiting = [];
  for (const one of waiting) work.dirty.add(one);
}
