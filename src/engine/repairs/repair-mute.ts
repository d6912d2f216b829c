import type { Check } from '../../model/service.ts';
import type { ServiceState } from '../../model/state.ts';
import type { IndexedService } from '../config-index.ts';
import {
  distrusted,
  type Mute,
  maintenanceOf,
  mute,
  muteBySilence,
  noRepairSilenceFor,
} from '../notices/mute.ts';
import { dependencyDown, dependencyStopped } from '../services/dependency.ts';
import type { Work } from '../work.ts';

/**
 * Why the watcher itself may do nothing to a service just now, on behalf of a check or (without one) of the service as a
 * whole. An operator's own commands are always carried out.
 */
export function noRepairs(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
  check?: Check,
): Mute | undefined {
  const against = handsOff(work, indexed, service, check);
  const down = against ? undefined : dependencyDown(work, indexed)?.why;
  return against ?? (down === undefined ? undefined : mute(down));
}

/** The same, whatever the service depends on. */
export function handsOff(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
  check?: Check,
): Mute | undefined {
  const doubt = distrusted(work);
  if (doubt) return doubt;
  if (indexed.service.mode === 'passive') return mute('its mode is passive: it is watched, never repaired');
  if (service.holding !== undefined) return mute(service.holding);
  if (service.report?.maybeStopped === true)
    return mute(`somebody may have stopped it: ${service.report.detail}`);
  for (const one of check ? [check] : [undefined, ...indexed.service.checks]) {
    const silence = noRepairSilenceFor(work, indexed.service, one);
    if (silence) return repairsToo(muteBySilence(work, silence));
  }
  const window = maintenanceOf(work, indexed.service).find(({ repairs }) => !repairs);
  return window && mute(`maintenance window ${window.name}`);
}

function repairsToo(silenced: Mute): Mute {
  const { why, lasting = why } = silenced;
  return { ...silenced, why: `${why}, repairs too`, lasting: `${lasting}, repairs too` };
}

/**
 * Why no repair will come until somebody steps in, so that there is nothing to wait for before people are called.
 * What passes by itself (a dependency that is down, a maintenance window, a backoff) is no such reason.
 */
export function neverRepaired(work: Work, service: ServiceState): string | undefined {
  const indexed = work.index.services.get(service.name);
  if (indexed?.service.mode === 'passive') return 'its mode is passive';
  if (service.repair.stoodDownAt !== undefined) return 'its service stood down';
  if (service.report?.maybeStopped === true) return 'somebody may have stopped its service';
  return indexed && dependencyStopped(work, indexed);
}
