import type { ForeseenRepair } from '../engine/repairs/foresee.ts';
import type { ManagerReport, OperationResult } from '../model/manager.ts';
import type { Check, Service } from '../model/service.ts';
import type { Operation } from '../model/state.ts';
import type { Action, Input } from '../model/step.ts';
import { checkKey } from './check-key.ts';
import type { CapturedEvidence, Occasion } from './evidence/evidence.ts';
import { createEvidenceLine, type EvidenceOrder } from './evidence/evidence-line.ts';
import type { OrderedOperation } from './operate.ts';
import type { Scheduler } from './schedule/scheduler.ts';

/** Does what the engine decided. */
export interface Dispatcher {
  perform(actions: readonly Action[]): void;
  /**
   * Begins what the engine is about to decide: `perform` goes on with it then. What is returned is to be called once that is decided:
   * a repair that was not is reported as a mistake, and no other is begun like this. Undefined where nothing was begun.
   */
  begin(repair: ForeseenRepair): (() => void) | undefined;
  /** Calls back with the result of each operation: for commands that wait. */
  onFinished(told: (service: string, operation: string, result: OperationResult) => void): () => void;
  readonly running: number;
  /** Waits for what is under way, at most `patience` milliseconds, then aborts it; evidence that is still read then is left. */
  stop(patience: number): Promise<void>;
}

export interface DispatcherParts {
  readonly serviceOf: (name: string) => Service | undefined;
  readonly scheduler: Pick<Scheduler, 'nudge' | 'pace'>;
  /** `decidedOn`: the report of a repair that is decided on because a process is dead. */
  readonly operate: (
    service: Service,
    operation: OrderedOperation,
    signal: AbortSignal,
    decidedOn?: ManagerReport,
  ) => Promise<OperationResult>;
  /** What the manager said of a service last. */
  readonly reportOf: (service: string) => ManagerReport | undefined;
  /** Captures what is to be seen before the operation; never fails, bounded in time. */
  readonly capture: (service: Service, occasion: Occasion, name: string) => Promise<CapturedEvidence>;
  /** Adds to a pack that was captured. */
  readonly append: (name: string, text: string) => Promise<void>;
  readonly deliver: () => void;
  readonly tell: (input: Input) => void;
  readonly onBug: (error: unknown, about: string) => void;
  readonly after: (ms: number, run: () => void) => { cancel(): void };
  /** Says how an operation ended that the end of the agent cut short: nothing else is told of it any more. */
  readonly onCutShort?: (text: string) => void;
  /** Decides everything and does nothing; says what it would do. */
  readonly dryRun: ((what: string) => void) | undefined;
  /** A repair in a hurry is over, and its evidence captured. */
  readonly onRepaired?: () => void;
}

interface HeadStart {
  readonly kind: string;
  readonly operating: Promise<OperationResult>;
  /** It was not decided. */
  missed?: boolean;
}

/** Never throws: what an operation breaks with becomes its failed result, other mistakes go to `onBug`. */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { tell } = parts;
  const listeners = new Set<(service: string, operation: string, result: OperationResult) => void>();
  const abort = new AbortController();
  const running = new Set<Promise<void>>();
  /** Evidence on its way: worth a moment when the agent stops, and no more. */
  const reading = new Set<Promise<void>>();
  const evidence = createEvidenceLine(parts);
  /** Repairs that have begun and nobody has decided on, by service. */
  const ahead = new Map<string, HeadStart>();
  /** Whether all that was begun like this has been decided. */
  let trusted = true;

  /** What the command printed belongs to what was seen before it. */
  async function keepOutput(
    name: string,
    { kind }: Operation,
    { output, detail }: OperationResult,
  ): Promise<void> {
    if (output !== undefined)
      await parts.append(name, `\n== what ${kind} printed (${detail}) ==\n${output.trimEnd()}\n`);
  }

  async function carryOut(action: Extract<Action, { do: 'operate' }>): Promise<void> {
    const { operation } = action;
    const service = parts.serviceOf(action.service);
    let result: OperationResult;
    let captured: Promise<void> | undefined;
    if (service === undefined) {
      result = { ok: false, detail: 'the service is no longer in the rules', tookMs: 0 };
    } else if (parts.dryRun !== undefined) {
      const what =
        operation.command === undefined ? operation.kind : `run ${operation.command.argv.join(' ')}`;
      parts.dryRun(`would ${what} ${service.name}: ${operation.reason}`);
      result = { ok: true, detail: 'dry run: nothing was done', tookMs: 0 };
    } else {
      // What is dead already shows no more than it will later: its repair goes first, and reading begins once it is on its way.
      const pack = packOf(service, action);
      if (pack !== undefined && action.hurry !== true) await evidence.now(pack);
      const operating = goOn(service, action);
      if (pack !== undefined && action.hurry === true)
        captured = follow(evidence.soon(pack), `the evidence of ${service.name}`, reading);
      result = await operating;
    }
    if (abort.signal.aborted) {
      const ended = result.ok ? 'was still done' : 'is left as it is';
      const text = `${operation.kind} of ${action.service} ${ended} while the agent stops: ${result.detail}`;
      parts.onCutShort?.(text);
      return;
    }
    // Before the engine forgets the operation: whoever waits for it would take that for having been given up.
    for (const told of listeners) told(action.service, operation.id, result);
    tell({ type: 'operation-finished', service: action.service, operation: operation.id, result });
    if (action.evidence !== undefined) {
      const added = Promise.resolve(captured).then(() =>
        keepOutput(action.evidence ?? '', operation, result),
      );
      void follow(added, `the evidence of ${action.service}`, reading);
    }
    if (action.hurry === true && parts.onRepaired !== undefined)
      void follow(Promise.resolve(captured).then(parts.onRepaired), 'what follows a repair', reading);
  }

  /** With what has begun already, or by beginning it now. */
  function goOn(
    service: Service,
    { operation, hurry }: Extract<Action, { do: 'operate' }>,
  ): Promise<OperationResult> {
    const begin = (): Promise<OperationResult> =>
      parts.operate(
        service,
        operation,
        abort.signal,
        hurry === true ? parts.reportOf(service.name) : undefined,
      );
    const begun = ahead.get(service.name);
    if (begun === undefined) return begin();
    if (begun.missed !== true && hurry === true && begun.kind === operation.kind) {
      ahead.delete(service.name);
      return begun.operating;
    }
    miss(service.name, begun);
    // One at a time, also where another one was decided than has begun.
    return begun.operating.then(begin, begin);
  }

  /** What was certain is not: nothing is begun like this any more, and what has begun is brought to its end. */
  function miss(name: string, begun: HeadStart): void {
    if (begun.missed === true) return;
    begun.missed = true;
    trusted = false;
    const what = `${begun.kind} of ${name} was begun, and not decided`;
    parts.onBug(
      new Error(`${what}: no repair gets a head start until the agent is restarted`),
      'a head start',
    );
    const ended = (): void => {
      ahead.delete(name);
      nudge(parts.serviceOf(name), undefined);
    };
    begun.operating.then(ended, ended);
  }

  function begin({ service: name, kind, report }: ForeseenRepair): (() => void) | undefined {
    const service = parts.serviceOf(name);
    if (service === undefined || parts.dryRun !== undefined || !trusted || ahead.has(name)) return undefined;
    const operation: OrderedOperation = { kind, by: 'repair', reason: 'its process is gone' };
    const begun: HeadStart = { kind, operating: parts.operate(service, operation, abort.signal, report) };
    // Whoever goes on with it hears of how it ended.
    begun.operating.catch(() => undefined);
    ahead.set(name, begun);
    return () => {
      if (ahead.get(name) === begun) miss(name, begun);
    };
  }

  /** Lets something go on by itself. */
  function follow(work: Promise<void>, about: string, among = running): Promise<void> {
    const followed = work
      .catch((error: unknown) => parts.onBug(error, about))
      .finally(() => among.delete(followed));
    among.add(followed);
    return followed;
  }

  function capture(action: Extract<Action, { do: 'capture' }>): void {
    const { incident, evidence: name, reason, commands } = action;
    const service = parts.serviceOf(action.service);
    if (service === undefined) return;
    if (parts.dryRun !== undefined) parts.dryRun(`would capture evidence of ${service.name}: ${reason}`);
    else
      void follow(
        evidence.atLeisure({ service, incident, name, occasion: { text: `while ${reason}`, commands } }),
        `the evidence of ${service.name}`,
        reading,
      );
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
          void follow(carryOut(action), `${action.operation.kind} of ${action.service}`);
        } else if (action.do === 'capture') capture(action);
        else if (action.do === 'probe') nudge(parts.serviceOf(action.service), action.check);
        else if (action.do === 'pace')
          parts.scheduler.pace(checkKey(action.service, action.check), action.every);
        else notices = true;
      }
      if (notices) parts.deliver();
    },
    begin,
    onFinished(told) {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    get running() {
      return running.size + ahead.size;
    },
    async stop(patience) {
      evidence.stop();
      if (running.size + ahead.size + reading.size === 0) return;
      let timer: { cancel(): void } | undefined;
      const over = new Promise<void>((resolve) => {
        timer = parts.after(patience, () => {
          abort.abort(new Error('the agent is stopping'));
          resolve();
        });
      });
      await Promise.all([
        Promise.allSettled([...running, ...[...ahead.values()].map(({ operating }) => operating)]),
        Promise.race([Promise.allSettled([...reading]), over]),
      ]);
      timer?.cancel();
    },
  };
}

/** The pack to capture before, or right after, an operation begins. */
function packOf(
  service: Service,
  { operation, evidence }: Extract<Action, { do: 'operate' }>,
): EvidenceOrder | undefined {
  const { incident, kind, reason } = operation;
  if (evidence === undefined || incident === undefined) return undefined;
  return {
    service,
    incident,
    name: evidence,
    occasion: { text: `before ${kind}: ${reason}`, commands: true },
  };
}
