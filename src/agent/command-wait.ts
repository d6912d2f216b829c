import { getFromShelf } from '../lib/shelf.ts';
import type { OperationResult } from '../model/manager.ts';
import type { EngineState, Operation } from '../model/state.ts';
import type { Dispatcher } from './dispatcher.ts';

/** How a command to one service went. */
export interface CommandOutcome {
  readonly service: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Everything being done to a service, and waiting, in order. */
export function operationsOf(state: EngineState, service: string): readonly Operation[] {
  const of = getFromShelf(state.services, service);
  return of === undefined ? [] : [...(of.operation === undefined ? [] : [of.operation]), ...of.queue];
}

/**
 * Waits for operations by id; resolves with their results, in the same order. One that is dropped (the service left the
 * rules, another command took its place) counts as given up.
 */
export function waitForOperations(
  operations: readonly (readonly [service: string, id: string])[],
  parts: {
    readonly dispatcher: Dispatcher;
    readonly state: () => EngineState;
    readonly onStep: (run: () => void) => () => void;
  },
): Promise<readonly CommandOutcome[]> {
  const results = new Map<string, OperationResult>();
  return new Promise((resolve) => {
    const pending = new Set(operations.map(([, id]) => id));
    const check = (): void => {
      for (const [service, id] of operations) {
        if (
          pending.has(id) &&
          !results.has(id) &&
          !operationsOf(parts.state(), service).some((one) => one.id === id)
        ) {
          pending.delete(id);
        }
        if (results.has(id)) pending.delete(id);
      }
      if (pending.size > 0) return;
      unlisten();
      unstep();
      resolve(operations.map(([service, id]) => outcome(service, results.get(id))));
    };
    const unlisten = parts.dispatcher.onFinished((_service, id, result) => {
      results.set(id, result);
      check();
    });
    const unstep = parts.onStep(check);
    check();
  });
}

function outcome(service: string, result: OperationResult | undefined): CommandOutcome {
  if (result === undefined)
    return { service, ok: false, detail: 'given up: something else was asked for meanwhile' };
  return { service, ok: result.ok, detail: result.detail };
}
