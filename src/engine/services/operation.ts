import type { Operation } from '../../model/state.ts';
import { placeTaken, waitForPlace } from '../repairs/place.ts';
import { endTrial } from '../repairs/verification.ts';
import { edit, record, serviceOf, type Work } from '../work.ts';

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
  if (waitsFor(work, name, next.kind) !== undefined) return;
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
  work.actions.push({ do: 'operate', service: name, operation });
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
