import { getFromShelf } from '../lib/shelf.ts';
import type { ServiceState } from '../model/state.ts';
import { keepPace } from './checks/pace.ts';
import { considerEvidence } from './incidents/evidence.ts';
import { considerFollowUps } from './incidents/follow-up.ts';
import { considerIncident } from './incidents/incident.ts';
import { keepPlace } from './repairs/place.ts';
import { considerRepair } from './repairs/repair.ts';
import { considerTrial } from './repairs/verification.ts';
import { considerResume } from './services/command.ts';
import { isLeftStopped, whyDown } from './services/dependency.ts';
import { promote, wakeThoseThatWait } from './services/operation.ts';
import { considerStartup } from './services/readiness.ts';
import { deriveState, isWatched } from './services/service-state.ts';
import { setTimer } from './timers.ts';
import { put, serviceOf, type Work } from './work.ts';

/** Every service whose facts changed, and then those that depend on what came of it, until nothing more follows. */
export function settleAll(work: Work): void {
  // Decisions only ever move forward within one moment; the bound turns a mistake in that into an error, not a hang.
  let left = 1000 + 20 * work.services.size;
  while (work.dirty.size > 0) {
    const [name] = work.dirty;
    if (name === undefined || left-- === 0) throw new Error(`the decisions about ${name} do not settle`);
    settle(work, name);
  }
}

/** Looks at everything that may be decided about one service, in the order in which decisions build on one another. */
function settle(work: Work, name: string): void {
  const start = serviceOf(work, name);
  work.dirty.delete(name);
  if (!start) return;
  considerResume(work, name);
  const service = serviceOf(work, name);
  if (service && isWatched(service) && work.trust.trusted) {
    considerStartup(work, name);
    considerTrial(work, name);
    for (const check in service.checks) considerIncident(work, name, check);
    considerRepair(work, name);
    considerEvidence(work, name);
    considerFollowUps(work, name);
  }
  // What its repair has stopped: nothing else is looked at, but people are reminded.
  else if (service?.stop?.incident !== undefined && work.trust.trusted) considerFollowUps(work, name);
  promote(work, name);
  keepPace(work, name);
  keepState(work, name);
  keepPlace(work, name);
  setTimer(work, name);
  wakeDependents(work, name);
  wakeThoseThatWait(work, name);
  // A decision marks its own service; when it changed nothing more, that was this look.
  if (serviceOf(work, name) === start) work.dirty.delete(name);
}

function keepState(work: Work, name: string): void {
  const service = serviceOf(work, name);
  if (!service) return;
  const state = deriveState(service);
  if (state !== service.state)
    put(work, { ...service, state, since: work.at.now, revision: service.revision + 1 });
}

/** What waited because this service could not serve, or was starting, may go on; what counted on it is held back. */
function wakeDependents(work: Work, name: string): void {
  const indexed = work.index.services.get(name);
  if (!indexed || indexed.dependents.length === 0) return;
  const before = getFromShelf(work.before.services, name);
  const now = serviceOf(work, name);
  const was = whyDown(work, name, before);
  const is = whyDown(work, name, now);
  const left = isLeftStopped(now) !== isLeftStopped(before);
  if ((was === undefined) === (is === undefined) && !left) return;
  work.flush = true;
  for (const dependent of indexed.dependents) {
    work.dirty.add(dependent);
    if (is === undefined && hasTrouble(serviceOf(work, dependent))) {
      work.actions.push({ do: 'probe', service: dependent });
    }
  }
}

/** Something that was put down to the cause, and now has to stand on its own. */
function hasTrouble(service: ServiceState | undefined): boolean {
  return Object.values(service?.checks ?? {}).some(({ state }) => state === 'down' || state === 'failing');
}
