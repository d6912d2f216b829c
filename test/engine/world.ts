import { isSettled } from '../../src/engine/checks/settled.ts';
import { step } from '../../src/engine/engine.ts';
import type { Judge } from '../../src/engine/judge.ts';
import { serviceState } from '../../src/engine/services/service-state.ts';
import { initialState } from '../../src/engine/state/initial.ts';
import { allParts, changedParts } from '../../src/engine/state/parts.ts';
import { restoreState } from '../../src/engine/state/restore.ts';
import { getFromShelf, shelfValues } from '../../src/lib/shelf.ts';
import type { Config } from '../../src/model/config.ts';
import type { Event, EventType } from '../../src/model/event.ts';
import type { Incident } from '../../src/model/incident.ts';
import type { Instant } from '../../src/model/instant.ts';
import type { ManagerReport, OperationResult } from '../../src/model/manager.ts';
import type { Notice } from '../../src/model/notice.ts';
import type { ProbeResult, Verdict } from '../../src/model/reading.ts';
import type { Check } from '../../src/model/service.ts';
import type { CheckState, EngineState, Operation, ServiceState } from '../../src/model/state.ts';
import type { Action, Input, OperatorCommand, Step } from '../../src/model/step.ts';

/** What the world looks like to a probe: a verdict, or `gone` where there is nothing to measure. */
export type Look = Verdict | 'gone';

/** Judges the looks of this world. */
export const judge: Judge = (_conditions, result, memory) => {
  if (result.outcome === 'unknown') {
    return { judgement: { verdict: 'unknown', summary: result.reason, findings: [] }, memory };
  }
  if (result.outcome === 'failed') {
    const finding = {
      condition: '',
      level: 'failing' as const,
      measured: result.reason,
      expected: '',
      sentence: result.reason,
    };
    return { judgement: { verdict: 'failing', summary: result.reason, findings: [finding] }, memory };
  }
  const verdict = result.reading.verdict as Verdict;
  if (verdict === 'ok') return { judgement: { verdict, summary: '41 ms', findings: [] }, memory };
  const level = verdict === 'warning' ? ('warning' as const) : ('failing' as const);
  const finding = {
    condition: 'latency < 500 ms',
    level,
    measured: '812 ms',
    expected: '< 500 ms',
    sentence: 'latency 812 ms, expected < 500 ms',
  };
  return { judgement: { verdict, summary: finding.sentence, findings: [finding] }, memory };
};

export function resultOf(look: Look): ProbeResult {
  if (look === 'gone') return { outcome: 'failed', reason: 'no such process' };
  if (look === 'unknown') return { outcome: 'unknown', reason: 'permission denied' };
  return { outcome: 'read', reading: { verdict: look } };
}

export interface Underway {
  readonly service: string;
  readonly operation: Operation;
  readonly endsAt: number;
}

/** A small world on a fake clock: checks run at their pace, operations take their time, timers fire. */
export interface World {
  now: number;
  /** Difference between the wall clock and `now`. */
  wallShift: number;
  /** Difference between the time that has really passed and `now`, which a new life takes from the wall clock. */
  lived: number;
  config: Config;
  state: EngineState;
  readonly events: Event[];
  readonly notices: Notice[];
  /** `real`: `at` on a scale that no clock is ever set on. */
  readonly actions: { readonly at: number; readonly real: number; readonly action: Action }[];
  readonly underway: Underway[];
  /** What a probe would see now. */
  look: (service: string, check: string) => Look;
  /** What a probe brings back, where a verdict alone says too little. */
  result: (service: string, check: string) => ProbeResult;
  readonly judge: Judge;
  /** What an operation does, when it ends. */
  operate: (service: string, operation: Operation) => OperationResult;
  operationTakes: number;
  /** What the shell has written down, as a killed agent leaves it: without what may be saved later. */
  readonly stored: Map<string, unknown>;
  /** Saved, restored and compared after every step. */
  thorough: boolean;
  /** The engine is not told of passes from which it would learn nothing. */
  passOver: boolean;
  passedOver: number;
  readonly due: Map<string, number>;
  /** Ids of notices that another notifier carried (`pager`), and whether their own one may have got them, too. */
  readonly carried: Map<string, boolean>;
  /** Ids of ends that were dropped, for their readers never heard of the beginning. */
  readonly dropped: Set<string>;
  /** Sees every action before it is carried out. */
  watch: (action: Action) => void;
  /** Sees every input, takes the step for it and hands on what came of that. */
  takeStep: (input: Input, at: Instant, take: () => Step) => Step;
}

export function world(config: Config, changes: Partial<World> = {}): World {
  const now = 1_800_000_000_000;
  const made: World = {
    now,
    wallShift: 0,
    lived: 0,
    config,
    state: initialState(config, { now, wall: now }),
    events: [],
    notices: [],
    actions: [],
    underway: [],
    look: () => 'ok',
    result: (service, check) => resultOf(made.look(service, check)),
    judge,
    operate: (_service, { kind }) => ({ ok: true, detail: `${kind}ed`, tookMs: 1000 }),
    operationTakes: 1000,
    stored: new Map(),
    thorough: false,
    passOver: false,
    passedOver: 0,
    due: new Map(),
    carried: new Map(),
    dropped: new Set(),
    watch: () => {},
    takeStep: (_input, _at, take) => take(),
    ...changes,
  };
  for (const [key, value] of allParts(made.state)) made.stored.set(key, value);
  give(made, { type: 'configured', reason: 'start' });
  schedule(made);
  return made;
}

/** Gives the engine one input at the present moment and carries out what it asks for. */
export function give(world: World, input: Input): Step {
  const at = { now: world.now, wall: world.now + world.wallShift };
  const done = world.takeStep(input, at, () => step(world.config, world.state, input, at, world.judge));
  for (const [key, value] of changedParts(world.state, done.state).now) {
    if (value === undefined) world.stored.delete(key);
    else world.stored.set(key, value);
  }
  world.state = world.thorough ? throughTheStore(world, done.state) : done.state;
  world.events.push(...done.events);
  for (const action of done.actions) carryOut(world, action);
  if (done.wakeAt !== undefined) world.due.set('tick', Math.max(done.wakeAt, world.now));
  else world.due.delete('tick');
  return done;
}

function carryOut(world: World, action: Action): void {
  world.watch(action);
  world.actions.push({ at: world.now, real: world.now + world.lived, action });
  if (action.do === 'notify') world.notices.push(action.notice);
  if (action.do === 'operate') {
    const { service, operation } = action;
    world.underway.push({ service, operation, endsAt: world.now + world.operationTakes });
  }
  if (action.do === 'probe') {
    for (const key of world.due.keys()) {
      const matches =
        action.check === undefined
          ? key.startsWith(`${action.service}/`)
          : key === `${action.service}/${action.check}`;
      if (matches) world.due.set(key, world.now);
    }
  }
  if (action.do === 'pace') {
    const key = `${action.service}/${action.check}`;
    const due = world.due.get(key);
    const own = ownPace(world, action);
    if (due !== undefined && action.every !== undefined)
      world.due.set(key, Math.min(due, world.now + action.every));
    // As the scheduler does: the next turn comes after a whole period of its own pace, and what was nudged is on its way.
    else if (due !== undefined && due > world.now && own !== undefined) world.due.set(key, world.now + own);
  }
}

function ownPace(
  { config }: World,
  { service, check }: { service: string; check: string },
): number | undefined {
  const rules = config.services
    .find(({ name }) => name === service)
    ?.checks.find(({ name }) => name === check);
  return rules !== undefined && 'every' in rules.cadence ? rules.cadence.every : undefined;
}

/**
 * The agent is killed and started again: what was under way is unknown, and only what was written down is left. Its
 * `now` begins with what the wall clock says, which may be before the last life ended.
 */
export function crash(world: World): void {
  world.underway.splice(0);
  world.due.delete('tick');
  for (const [key, due] of world.due) world.due.set(key, due + world.wallShift);
  world.now += world.wallShift;
  world.lived -= world.wallShift;
  world.wallShift = 0;
  const stored = JSON.parse(JSON.stringify([...world.stored])) as [string, unknown][];
  world.state = restoreState(stored, { now: world.now, wall: world.now + world.wallShift });
  give(world, { type: 'configured', reason: 'start' });
}

function throughTheStore(world: World, state: EngineState): EngineState {
  const stored = JSON.parse(JSON.stringify(allParts(state))) as [string, unknown][];
  return restoreState(stored, { now: world.now, wall: world.now + world.wallShift });
}

/** Lets every check of the configuration run at its own cadence from now on. */
export function schedule(world: World): void {
  const keys = new Set<string>();
  for (const service of world.config.services) {
    for (const { name } of service.checks) keys.add(`${service.name}/${name}`);
  }
  for (const key of world.due.keys()) if (key !== 'tick' && !keys.has(key)) world.due.delete(key);
  for (const key of keys) if (!world.due.has(key)) world.due.set(key, world.now);
}

/** Lets time pass, with everything that happens in it. */
export function pass(world: World, ms: number): void {
  const end = world.now + ms;
  for (let steps = 0; ; steps++) {
    if (steps > 2_000_000) throw new Error('the world does not come to rest');
    const next = nextThing(world);
    if (next === undefined || next.at > end) break;
    world.now = Math.max(world.now, next.at);
    next.happen();
  }
  world.now = end;
}

function nextThing(world: World): { at: number; happen: () => void } | undefined {
  let at = Number.POSITIVE_INFINITY;
  let happen: (() => void) | undefined;
  world.underway.forEach((one, index) => {
    if (one.endsAt >= at) return;
    at = one.endsAt;
    happen = () => finish(world, index);
  });
  for (const [key, due] of world.due) {
    // What time alone brings comes first, whoever is looked at in the same millisecond.
    if (due > at || (due === at && key !== 'tick')) continue;
    at = due;
    happen = () => (key === 'tick' ? tick(world) : probe(world, key));
  }
  return happen && { at, happen };
}

function tick(world: World): void {
  world.due.delete('tick');
  give(world, { type: 'tick' });
}

function finish(world: World, index: number): void {
  const [done] = world.underway.splice(index, 1);
  if (!done) return;
  const { service, operation } = done;
  const result = world.operate(service, operation);
  give(world, { type: 'operation-finished', service, operation: operation.id, result });
}

/** Runs one check now, as its schedule or a nudge would. */
export function probe(world: World, key: string): void {
  const [service = '', check = ''] = key.split('/');
  const result = world.result(service, check);
  const rule = world.config.services
    .find(({ name }) => name === service)
    ?.checks.find(({ name }) => name === check);
  const cadence = rule && 'every' in rule.cadence ? rule.cadence.every : 60_000;
  world.due.set(key, world.now + cadence);
  if (world.passOver && rule !== undefined && isNoNews(world, service, rule, result)) {
    world.passedOver += 1;
    return;
  }
  give(world, { type: 'observed', service, check, result, tookMs: 0 });
  const pace = checkOf(world, service, check)?.pace;
  if (pace !== undefined) world.due.set(key, Math.min(world.due.get(key) ?? 0, world.now + pace));
}

/** As the agent decides it, for kinds that can tell without a look that nothing has changed. */
function isNoNews(world: World, name: string, rule: Check, result: ProbeResult): boolean {
  const passes = result.outcome === 'read' && result.reading.verdict === 'ok';
  return passes && world.state.trust.trusted && isSettled(serviceOf(world, name), rule);
}

export function serviceOf(world: World, name: string): ServiceState {
  const found = getFromShelf(world.state.services, name);
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

export function checkOf(world: World, service: string, check: string): CheckState | undefined {
  return getFromShelf(world.state.services, service)?.checks[check];
}

export function view(world: World, name: string) {
  return serviceState(world.state, world.config, name, world.now);
}

export function incidents(world: World): readonly Incident[] {
  return shelfValues(world.state.incidents).sort(
    (a, b) => a.openedAt - b.openedAt || (a.service < b.service ? -1 : 1),
  );
}

export function openIncidents(world: World): readonly Incident[] {
  return incidents(world).filter(({ closedAt }) => closedAt === undefined);
}

/** `team failed`, `oncall recovered`: who was told what, in order. */
export function told(world: World): readonly string[] {
  return world.notices.map(({ notifier, kind }) => `${notifier} ${kind}`);
}

export function eventTypes(world: World): readonly EventType[] {
  return world.events.map(({ type }) => type);
}

/** Operations given to the shell, `at` in milliseconds since `from`. */
export function operations(world: World, from = 0): readonly string[] {
  return world.actions.flatMap(({ at, action }) =>
    action.do === 'operate' ? [`${at - from} ${action.operation.kind} ${action.service}`] : [],
  );
}

export function order(world: World, command: OperatorCommand, by = 'anna'): Step {
  return give(world, { type: 'command', command, by });
}

export function report(world: World, service: string, changes: Partial<ManagerReport>): Step {
  const report: ManagerReport = {
    intent: 'run',
    activity: 'running',
    detail: 'active (running)',
    ...changes,
  };
  return give(world, { type: 'reported', service, report });
}
