import type { ChangedParts, PartChange } from '../engine/state/parts.ts';
import type { Clock, Timer } from '../host/clock.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import type { Instant } from '../model/instant.ts';
import type { Notice } from '../model/notice.ts';
import type { EngineState } from '../model/state.ts';
import type { Action, Input, Step } from '../model/step.ts';
import type { DiskStore, StoreChange } from '../state/store.ts';

/**
 * The one place where the engine's state lives. Each input is one pure step; what it changed and the notices it decided are
 * saved in one batch before anything is done about them, so that a kill at any moment neither loses nor doubles a notice. Only a
 * head start is begun before.
 */
export interface Core {
  readonly state: EngineState;
  readonly config: Config;
  /**
   * Takes one step for each input, and then saves what all of them changed in one batch. When called from within a step's
   * consequences, they are taken right after.
   */
  apply(...inputs: readonly Input[]): void;
  /**
   * The same for inputs of which it is known what follows: `begin` begins that, and the step is taken for the same moment a few
   * milliseconds later, in any case before anything else is decided or saved; then what `begin` returned is called. Where it returns
   * nothing, the step is taken at once.
   */
  applyWithHeadStart(begin: Begin, ...inputs: readonly Input[]): void;
  /** Whether something has begun for a service that is not decided yet. */
  hasHeadStart(service: string): boolean;
  /** Takes the step for what has begun, if anything has. */
  catchUp(): void;
  /** Swaps the configuration and brings the state in line with it. */
  reconfigure(config: Config, reason: 'start' | 'reload'): void;
  /** Saves what passing checks alone had changed, of at most so many services, those that wait longest first. */
  flush(most?: number): void;
  /** Services of which something is not saved because it may wait. */
  readonly unsaved: number;
  /** Calls back after each step, until the returned function is called. */
  onStep(run: (changed: Changed) => void): () => void;
  /** Tells of what happened without waiting for the repair that it is told after. */
  tellEvents(): void;
  stop(): void;
}

/** Goes by the state that the step will be taken in. */
export type Begin = (config: Config, state: EngineState, at: Instant) => (() => void) | undefined;

/** What a step has changed. */
export interface Changed {
  /** Names of services. */
  readonly services: readonly string[];
  /** Whether what is seen is believed began or ended. */
  readonly trust: boolean;
}

export interface CoreParts {
  readonly clock: Clock;
  readonly config: Config;
  readonly state: EngineState;
  readonly store: Pick<DiskStore, 'batch'>;
  readonly step: (config: Config, state: EngineState, input: Input, at: Instant) => Step;
  readonly changedParts: (before: EngineState, after: EngineState) => ChangedParts;
  readonly servicePart: (state: EngineState, name: string) => PartChange | undefined;
  /** Turns a notice into its entry in the outbox. */
  readonly outboxEntry: (notice: Notice, now: number) => StoreChange;
  readonly onEvents: (events: readonly Event[]) => void;
  /** Whether events are told before what follows from them is done also where that is a repair. */
  readonly inOrder?: boolean;
  readonly onActions: (actions: readonly Action[]) => void;
  readonly onBug: (error: unknown, about: string) => void;
}

/** A program needs about so many milliseconds from its start until it is at work. */
export const HEAD_START = 4;

interface HeadStart {
  readonly inputs: readonly Input[];
  readonly at: Instant;
  readonly decided: () => void;
  readonly timer: Timer;
}

/** Begins with the given state, of which nothing is judged before the first `reconfigure`. Mistakes go to `onBug`. */
export function createCore(parts: CoreParts): Core {
  const { clock } = parts;
  let { state, config } = parts;
  const queue: { readonly inputs: readonly Input[]; readonly at?: Instant }[] = [];
  /** Services whose passing readings are not saved yet. */
  const later = new Set<string>();
  const steps = new Set<(changed: Changed) => void>();
  let busy = false;
  let stopped = false;
  let wake: Timer | undefined;
  let wakeAt: number | undefined;
  /** What has begun and is not decided yet. */
  let headStart: HeadStart | undefined;
  /** Events that nobody was told of yet. */
  let untold: readonly Event[] = [];

  /** Undefined where none of the inputs could be decided about. */
  function decide(inputs: readonly Input[], at: Instant): Step | undefined {
    let decided: Step | undefined;
    for (const input of inputs) {
      try {
        decided = following(decided, parts.step(config, decided?.state ?? state, input, at));
      } catch (error) {
        // The state stays as it was before: one bad input must not stop the watching of everything else.
        parts.onBug(error, `the decision about '${input.type}'`);
      }
    }
    return decided;
  }

  function take(inputs: readonly Input[], at: Instant): void {
    const step = decide(inputs, at);
    if (step === undefined) return;
    const notices = step.actions.flatMap((action) => (action.do === 'notify' ? [action.notice] : []));
    const changed = parts.changedParts(state, step.state);
    for (const name of changed.later) later.add(name);
    const entries = notices.map((notice) => parts.outboxEntry(notice, at.now));
    if (changed.now.length + entries.length > 0) parts.store.batch([...changed.now, ...entries]);
    const trust = state.trust.trusted !== step.state.trust.trusted;
    state = step.state;
    rearm(step.wakeAt);
    if (step.events.length > 0) untold = [...untold, ...step.events];
    // A repair does not wait for being written about: it is on its way a moment later.
    const repairs = parts.inOrder !== true && step.actions.some((action) => action.do === 'operate');
    if (repairs) clock.after(0, tellEvents, { hold: true });
    else tellEvents();
    if (step.actions.length > 0) parts.onActions(step.actions);
    for (const run of steps) run({ services: changed.services, trust });
  }

  function tellEvents(): void {
    const events = untold;
    untold = [];
    if (events.length > 0) parts.onEvents(events);
  }

  function rearm(next: number | undefined): void {
    if (next === wakeAt) return;
    wake?.cancel();
    wakeAt = next;
    wake =
      next === undefined
        ? undefined
        : clock.after(Math.max(0, next - clock.instant().now), () => {
            wakeAt = undefined;
            apply({ type: 'tick' });
          });
  }

  function apply(...inputs: readonly Input[]): void {
    if (stopped) return;
    catchUp();
    takeAll(inputs);
  }

  /** `at`: the moment that they are decided for, where that is not the present one. */
  function takeAll(inputs: readonly Input[], at?: Instant): void {
    queue.push(at === undefined ? { inputs } : { inputs, at });
    if (busy) return;
    busy = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        take(next.inputs, next.at ?? clock.instant());
    } finally {
      busy = false;
    }
  }

  function applyWithHeadStart(begin: Begin, ...inputs: readonly Input[]): void {
    if (stopped) return;
    catchUp();
    const at = clock.instant();
    // By a state that knows of all that was told before.
    const decided = busy || queue.length > 0 ? undefined : begun(begin, at);
    if (decided === undefined) takeAll(inputs);
    else headStart = { inputs, at, decided, timer: clock.after(HEAD_START, catchUp, { hold: true }) };
  }

  function begun(begin: Begin, at: Instant): (() => void) | undefined {
    try {
      return begin(config, state, at);
    } catch (error) {
      parts.onBug(error, 'what follows from an input');
      return undefined;
    }
  }

  function catchUp(): void {
    if (headStart === undefined) return;
    const { inputs, at, decided, timer } = headStart;
    headStart = undefined;
    timer.cancel();
    try {
      takeAll(inputs, at);
    } catch (error) {
      // What comes next must not be lost by it.
      parts.onBug(error, 'what had begun');
    } finally {
      decided();
    }
  }

  return {
    get state() {
      return state;
    },
    get config() {
      return config;
    },
    apply,
    applyWithHeadStart,
    catchUp,
    hasHeadStart: (service) =>
      headStart?.inputs.some((input) => input.type === 'observed' && input.service === service) === true,
    reconfigure(next, reason) {
      catchUp();
      config = next;
      apply({ type: 'configured', reason });
    },
    flush(most = Number.POSITIVE_INFINITY) {
      catchUp();
      const changes: StoreChange[] = [];
      for (const name of later) {
        if (changes.length >= most) break;
        later.delete(name);
        const change = parts.servicePart(state, name);
        if (change !== undefined) changes.push(change);
      }
      if (changes.length > 0) parts.store.batch(changes);
    },
    get unsaved() {
      return later.size;
    },
    onStep(run) {
      steps.add(run);
      return () => steps.delete(run);
    },
    tellEvents,
    stop() {
      catchUp();
      stopped = true;
      tellEvents();
      wake?.cancel();
    },
  };
}

/** Both as one: what the first decided comes first. */
function following(before: Step | undefined, step: Step): Step {
  if (before === undefined) return step;
  return {
    ...step,
    events: [...before.events, ...step.events],
    actions: [...before.actions, ...step.actions],
  };
}
