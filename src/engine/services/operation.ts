import type { Operation, ServiceState } from '../../model/state.ts';
import type { IndexedService } from '../config-index.ts';
import { type Mute, maintenanceOf, mute } from '../notices/mute.ts';
import { placeTaken, waitForPlace } from '../repairs/place.ts';
import { handsOff, noRepairs } from '../repairs/repair-mute.ts';
import { endTrial, repairDropped } from '../repairs/verification.ts';
import { decide, edit, record, serviceOf, type Work } from '../work.ts';
import { isWatched } from './service-state.ts';

/**
 * Puts an operation in the queue of its service. One at a time, and idempotent: what is being done, or waits to be done,
 * is not done twice; an operator's newest word takes the place of his older ones and of everything automatic.
 */
export function enqueue(work: Work, name: string, operation: Operation): boolean {
  const service = serviceOf(work, name);
  if (!service) return false;
  const last = service.queue.at(-1) ?? service.operation;
  const overrides = operation.by === 'operator' && last?.by === 'schedule' && last !== service.operation;
  if (last?.kind === operation.kind && operation.kind !== 'run' && !overrides) return false;
  const operators = service.queue.filter(({ by }) => by === 'operator');
  if (operation.by !== 'operator' && operators.length > 0) return false;
  const queue = operation.by === 'operator' ? [operation] : [...service.queue, operation];
  edit(work, name, { queue });
  return true;
}

/** Starts the next operation when nothing is under way and nothing it must wait for is. */
export function promote(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  const next = service?.queue[0];
  if (!service || !indexed || !next || service.operation) return;
  const against = whyNotNow(work, indexed, service, next);
  if (against) {
    drop(work, service, next, against);
    return;
  }
  if (waitsFor(work, name, next.kind) !== undefined || waitsForTrial(service, next)) return;
  if (needsPlace(next) && placeTaken(work, indexed.service) !== undefined) {
    waitForPlace(work, name);
    return;
  }
  const operation = { ...next, startedAt: work.at.now };
  endTrial(work, name, 'not-held', `its trial ended early: ${next.kind} was asked for`);
  edit(work, name, { operation, queue: service.queue.slice(1), startup: undefined });
  const who = next.by === 'operator' ? (next.who ?? 'an operator') : `the ${next.by}`;
  record(work, {
    type: 'operation-started',
    service: name,
    text: `${next.kind} of ${name}, asked for by ${who}: ${next.reason}`,
  });
  if (next.by === 'schedule' || next.by === 'dependency') {
    decide(work, name, 'repair', `${next.kind} of ${name}, asked for by ${who}: ${next.reason}`);
  }
  work.actions.push({ do: 'operate', service: name, operation });
}

/** Why what the watcher itself wanted to do is not done any more: much may have happened while it waited. */
function whyNotNow(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
  { by }: Operation,
): Mute | undefined {
  if (by === 'operator') return undefined;
  return by === 'schedule' ? noScheduledRestart(work, indexed, service) : handsOff(work, indexed, service);
}

/** Why a service is not restarted by its schedule just now. */
export function noScheduledRestart(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
): Mute | undefined {
  if (!isWatched(service)) return mute('it is not being watched');
  const window = maintenanceOf(work, indexed.service)[0];
  return noRepairs(work, indexed, service) ?? (window && mute(`maintenance window ${window.name}`));
}

/** Takes an operation of the watcher itself out of the queue, and says why. */
function drop(work: Work, service: ServiceState, operation: Operation, against: Mute): void {
  const { name } = service;
  edit(work, name, { queue: service.queue.filter((one) => one !== operation) });
  const what =
    operation.by === 'schedule'
      ? `no scheduled ${operation.kind} of ${name}`
      : `no ${operation.kind} of ${name} (${operation.reason})`;
  withholdOperation(work, name, what, against);
  if (operation.by === 'repair') repairDropped(work, name, operation, against.why);
}

/** Keeps the reason why the watcher did not do what a schedule or a dependency asked for. */
export function withholdOperation(work: Work, name: string, what: string, against: Mute): void {
  const { key, why, lasting } = against;
  const text = `${what}: ${why}`;
  record(work, { type: 'repair-withheld', service: name, text });
  decide(work, name, 'noRepair', text, {
    key: `${what}: ${key}`,
    ...(lasting !== undefined && { lasting: `${what}: ${lasting}` }),
  });
}

/** A scheduled restart is in no hurry: it must not spoil the proof that a repair holds. */
function waitsForTrial({ repair, startup }: ServiceState, { by }: Operation): boolean {
  return by === 'schedule' && (repair.verifying !== undefined || startup !== undefined);
}

/** What waits to be restarted has just been: once is enough. */
export function dropRestarts(work: Work, name: string): void {
  for (const waiting of serviceOf(work, name)?.queue ?? []) {
    const service = serviceOf(work, name);
    if (!service || waiting.by === 'operator' || waiting.kind !== 'restart') continue;
    drop(work, service, waiting, mute('it was restarted meanwhile'));
  }
}

/**
 * Wakes the neighbours whose next operation waited for this service alone: whatever it was doing may have ended in any
 * way, also by not coming up, and a service that waits for ever would never be watched again.
 */
export function wakeThoseThatWait(work: Work, name: string): void {
  const indexed = work.index.services.get(name);
  if (!indexed) return;
  for (const other of [...indexed.dependencies, ...indexed.dependents]) {
    const service = serviceOf(work, other);
    const rule = work.index.services.get(other)?.service;
    const next = service?.queue[0];
    if (!rule || !next || service.operation || waitsFor(work, other, next.kind) !== undefined) continue;
    // For a place it waits elsewhere; adding it here again and again would never settle.
    if (needsPlace(next) && placeTaken(work, rule) !== undefined) continue;
    if (waitsForTrial(service, next)) continue;
    work.dirty.add(other);
  }
}

function needsPlace({ by }: Operation): boolean {
  return by !== 'operator' && by !== 'dependency';
}

/** Dependencies start before and stop after: the service whose operation has to be over first. */
export function waitsFor(work: Work, name: string, kind: Operation['kind']): string | undefined {
  const indexed = work.index.services.get(name);
  if (!indexed) return undefined;
  if (kind === 'stop')
    return indexed.dependents.find((other) => isDoing(work, other, ['stop']) && !isMutual(work, name, other));
  if (kind !== 'start' && kind !== 'restart') return undefined;
  return indexed.dependencies.find(
    (other) => isDoing(work, other, ['start', 'restart']) && !isMutual(work, name, other),
  );
}

function isDoing(work: Work, name: string, kinds: readonly string[]): boolean {
  const service = serviceOf(work, name);
  if (!service) return false;
  const queued = service.queue[0];
  return (
    kinds.includes(service.operation?.kind ?? '') ||
    kinds.includes(service.startup?.kind ?? '') ||
    (queued !== undefined && queued.by !== 'schedule' && kinds.includes(queued.kind))
  );
}

/** Rules that go round in a circle must not make two services wait for each other for ever. */
function isMutual(work: Work, name: string, other: string): boolean {
  const one = work.index.services.get(name);
  return Boolean(one?.dependencies.includes(other) && one.dependents.includes(other));
}
