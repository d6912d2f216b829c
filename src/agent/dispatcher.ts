import type { OperationResult } from '../model/manager.ts';
import type { Check, Service } from '../model/service.ts';
import type { Operation } from '../model/state.ts';
import type { Action, Input } from '../model/step.ts';
import { checkKey } from './check-key.ts';
import type { CapturedEvidence } from './evidence.ts';
import type { Scheduler } from './scheduler.ts';

/** Does what the engine decided. */
export interface Dispatcher {
  perform(actions: readonly Action[]): void;
  /** Calls back with the result of each operation: for commands that wait. */
  onFinished(told: (service: string, operation: string, result: OperationResult) => void): () => void;
  readonly running: number;
  /** Waits for what is under way, at most `patience` milliseconds, then aborts it. */
  stop(patience: number): Promise<void>;
}

export interface DispatcherParts {
  readonly serviceOf: (name: string) => Service | undefined;
  readonly scheduler: Pick<Scheduler, 'nudge' | 'pace'>;
  readonly operate: (service: Service, operation: Operation, signal: AbortSignal) => Promise<OperationResult>;
  /** Captures what is to be seen before the operation; never fails, bounded in time. */
  readonly capture: (service: Service, operation: Operation, name: string) => Promise<CapturedEvidence>;
  readonly deliver: () => void;
  readonly tell: (input: Input) => void;
  readonly onBug: (error: unknown, about: string) => void;
  readonly after: (ms: number, run: () => void) => { cancel(): void };
  /** Decides everything and does nothing; says what it would do. */
  readonly dryRun: ((what: string) => void) | undefined;
}

/** Milliseconds that repairs in a hurry have before evidence is read, and between the packs of several. */
const HURRY = 250;

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { tell } = parts;
  const listeners = new Set<(service: string, operation: string, result: OperationResult) => void>();
  const abort = new AbortController();
  const running = new Set<Promise<void>>();
  /** The last pack of those that are captured one by one. */
  let captured = Promise.resolve();

  async function capture(service: Service, operation: Operation, name: string): Promise<void> {
    const { summary } = await parts.capture(service, operation, name);
    if (operation.incident !== undefined) {
      tell({ type: 'evidence-captured', incident: operation.incident, evidence: name, summary });
    }
  }

  /** Afterwards and one by one: reading keeps the processor from the repairs of services that died together. */
  function captureSoon(service: Service, operation: Operation, name: string): void {
    const capturing = captured
      .then(() => new Promise<void>((resolve) => parts.after(HURRY, resolve)))
      .then(() => capture(service, operation, name))
      .catch((error: unknown) => parts.onBug(error, `the evidence of ${service.name}`))
      .finally(() => running.delete(capturing));
    captured = capturing;
    running.add(capturing);
  }

  async function carryOut(action: Extract<Action, { do: 'operate' }>): Promise<void> {
    const { operation, evidence } = action;
    const service = parts.serviceOf(action.service);
    let result: OperationResult;
    if (service === undefined) {
      result = { ok: false, detail: 'the service is no longer in the rules', tookMs: 0 };
    } else if (parts.dryRun !== undefined) {
      const what =
        operation.command === undefined ? operation.kind : `run ${operation.command.argv.join(' ')}`;
      parts.dryRun(`would ${what} ${service.name}: ${operation.reason}`);
      result = { ok: true, detail: 'dry run: nothing was done', tookMs: 0 };
    } else {
      // What is dead already shows no more than it will later: its repair goes first, and reading begins once it is on its way.
      const hurry = action.hurry === true;
      if (evidence !== undefined && !hurry) await capture(service, operation, evidence);
      const operating = parts.operate(service, operation, abort.signal);
      if (evidence !== undefined && hurry) captureSoon(service, operation, evidence);
      result = await operating;
    }
    if (abort.signal.aborted) return;
    // Before the engine forgets the operation: whoever waits for it would take that for having been given up.
    for (const told of listeners) told(action.service, operation.id, result);
    tell({ type: 'operation-finished', service: action.service, operation: operation.id, result });
  }

  function nudge(service: Service | undefined, check: string | undefined): void {
    if (service === undefined) return;
    const checks: readonly Pick<Check, 'name'>[] = check === undefined ? service.checks : [{ name: check }];
    for (const { name } of checks) parts.scheduler.nudge(checkKey(service.name, name));
  }

  return {
    perform(actions) {
      let notices = false;
      for (const action of actions) {
        if (action.do === 'operate') {
          const work = carryOut(action)
            .catch((error: unknown) => parts.onBug(error, `${action.operation.kind} of ${action.service}`))
            .finally(() => running.delete(work));
          running.add(work);
        } else if (action.do === 'probe') nudge(parts.serviceOf(action.service), action.check);
        else if (action.do === 'pace')
          parts.scheduler.pace(checkKey(action.service, action.check), action.every);
        else notices = true;
      }
      if (notices) parts.deliver();
    },
    onFinished(told) {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    get running() {
      return running.size;
    },
    async stop(patience) {
      if (running.size === 0) return;
      const all = Promise.allSettled([...running]);
      const timer = parts.after(patience, () => abort.abort(new Error('the agent is stopping')));
      await all;
      timer.cancel();
    },
  };
}
