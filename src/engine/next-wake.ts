import { getFromShelf } from '../lib/shelf.ts';
import type { Config } from '../model/config.ts';
import type { Incident } from '../model/incident.ts';
import type { Instant } from '../model/instant.ts';
import type { EngineState } from '../model/state.ts';
import { rateFreesAt } from './notices/rate.ts';

/**
 * When the engine wants to be called at the latest: the soonest of the services' timers, waiting notices, ends of
 * silences and digests. Undefined when nothing is due by time alone.
 */
export function nextWake(config: Config, state: EngineState, at: Instant): number | undefined {
  let soonest = state.timers[0]?.at ?? Number.POSITIVE_INFINITY;
  for (const group of state.pending) soonest = Math.min(soonest, group.due);
  for (const silence of state.silences) soonest = Math.min(soonest, silence.until - at.wall + at.now);
  for (const name in state.rates) {
    const rate = state.rates[name];
    if (!rate?.held.some(({ incident }) => !isEnding(getFromShelf(state.incidents, incident)))) continue;
    const limit = config.notifiers[name]?.rateLimit;
    soonest = Math.min(soonest, limit ? rateFreesAt(rate, limit, at.now) : at.now);
  }
  return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
}

/** It is over, and its end waits for the others of its group: until then a digest leaves it out. */
export function isEnding(incident: Incident | undefined): boolean {
  return incident?.closedAt !== undefined && incident.owed !== undefined;
}
