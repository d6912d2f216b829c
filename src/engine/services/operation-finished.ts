import type { OperationResult } from '../../model/manager.ts';
import type { Input } from '../../model/step.ts';
import { repairOperated, repairStopped } from '../repairs/verification.ts';
import { edit, incidentOf, record, serviceOf, type Work } from '../work.ts';
import { dropRestarts } from './operation.ts';
import { isWatched } from './service-state.ts';
import { beginStartup } from './startup.ts';
import { becomeStoppedByRepair } from './watching.ts';

/** An operation has ended: what it was for decides how it goes on. */
export function operationFinished(work: Work, input: Extract<Input, { type: 'operation-finished' }>): void {
  const service = serviceOf(work, input.service);
  const operation = service?.operation;
  if (!service || !operation || operation.id !== input.operation) return;
  const { name } = service;
  const { result } = input;
  edit(work, name, { operation: undefined, freshFrom: work.at.now });
  record(work, {
    type: operation.by === 'repair' ? 'repair-finished' : 'operation-finished',
    service: name,
    ...(operation.incident !== undefined && { incident: operation.incident }),
    text: `${operation.kind} of ${name} ${result.ok ? 'is done' : 'failed'}: ${result.detail}`,
  });
  const restarted = operation.kind === 'restart' || operation.kind === 'start';
  if (result.ok && restarted) dropRestarts(work, name);
  const incident = incidentOf(work, operation.incident);
  const stops = operation.by === 'repair' && operation.kind === 'stop' && result.ok;
  if (stops && incident?.closedAt === undefined && incident && isWatched(service)) {
    repairStopped(work, operation, result);
    becomeStoppedByRepair(work, name, incident.id, incident.check);
    return;
  }
  if (operation.by === 'operator' && operation.kind === 'stop') stopEnded(work, name, result);
  if (operation.by === 'repair') repairOperated(work, name, operation, result);
  else if (result.ok && operation.kind !== 'stop' && isWatched(service)) {
    beginStartup(work, name, { kind: operation.kind, place: operation.by !== 'operator' });
  }
  if (isWatched(service)) work.actions.push({ do: 'probe', service: name });
  for (const other of neighbours(work, name)) work.dirty.add(other);
}

/** Whether what an operator wanted stopped is so: after a failure its manager says, who is asked at once. */
function stopEnded(work: Work, name: string, result: OperationResult): void {
  const stop = serviceOf(work, name)?.stop;
  if (stop?.source !== 'watcher') return;
  edit(work, name, { stop: { ...stop, failed: result.ok ? undefined : result.detail } });
  if (!result.ok) work.actions.push({ do: 'probe', service: name });
}

/** Operations of these may have waited for this one. */
function neighbours(work: Work, name: string): readonly string[] {
  const indexed = work.index.services.get(name);
  return indexed ? [...indexed.dependencies, ...indexed.dependents] : [];
}
