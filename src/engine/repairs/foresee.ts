import { getFromShelf } from '../../lib/shelf.ts';
import type { Config } from '../../model/config.ts';
import type { Instant } from '../../model/instant.ts';
import type { ManagerReport } from '../../model/manager.ts';
import type { Check } from '../../model/service.ts';
import type { CheckState, EngineState, ServiceState } from '../../model/state.ts';
import type { Input } from '../../model/step.ts';
import { type IndexedService, indexOf } from '../config-index.ts';
import type { Judge } from '../judge.ts';
import { nextWake } from '../next-wake.ts';
import { attemptsLeft } from './budget.ts';
import { placeTaken } from './place.ts';

/** A repair that is certain to be begun. */
export interface ForeseenRepair {
  readonly service: string;
  readonly kind: 'start' | 'restart';
  /** What the manager says of it. */
  readonly report: ManagerReport;
}

/** Its manager is about to do something itself. */
const AT_WORK: ReadonlySet<ManagerReport['activity']> = new Set(['starting', 'restarting', 'stopping']);

/**
 * The repair that the step for these inputs begins without any doubt, where they are the next that are decided about, for the same
 * moment: a service's process is gone (or its vital check has failed otherwise), all was well with it, and nothing at all speaks against
 * its repair. It says nothing in every case that is less plain; the step alone decides. A new reason against a repair (`whyNot` in `repair.ts`, `handsOff`) must find its place here, too:
 * `test/engine/properties.test.ts` compares the two.
 */
export function foreseeRepair(
  config: Config,
  state: EngineState,
  inputs: readonly Input[],
  at: Instant,
  judge: Judge,
): ForeseenRepair | undefined {
  const observed = inputs.at(-1);
  if (observed?.type !== 'observed' || observed.result.outcome !== 'failed') return undefined;
  const indexed = indexOf(config).services.get(observed.service);
  const service = getFromShelf(state.services, observed.service);
  const check = indexed?.vital;
  const before = service?.checks[observed.check];
  if (!indexed || !service || !before || check?.name !== observed.check) return undefined;

  const report = reportIn(inputs, service);
  if (report === undefined || isDoubtful(report)) return undefined;
  const { kind, command } = check.repair[0] ?? {};
  if (command !== undefined || (kind !== 'start' && kind !== 'restart')) return undefined;
  const { beganAt = at.now - observed.tookMs } = observed;
  const foreseen =
    wasWell(service, check, before) &&
    beganAt >= service.freshFrom &&
    mayBeRepaired(config, state, indexed, service, at) &&
    (check.expect.length === 0 ||
      judge(check, observed.result, before.memory, at.now).judgement.verdict === 'failing');
  return foreseen ? { service: service.name, kind, report } : undefined;
}

/** What its manager says, or said last; undefined where anything else is told along. */
function reportIn(inputs: readonly Input[], service: ServiceState): ManagerReport | undefined {
  if (inputs.length === 1) return service.report;
  const [first] = inputs;
  return inputs.length === 2 && first?.type === 'reported' && first.service === service.name
    ? first.report
    : undefined;
}

function isDoubtful({ intent, activity, maybeStopped }: ManagerReport): boolean {
  return intent === 'stopped' || maybeStopped === true || AT_WORK.has(activity);
}

/** It is watched and all is well, nothing is under way, and one bad reading is enough. */
function wasWell(service: ServiceState, { name, failAfter }: Check, before: CheckState): boolean {
  const { repair } = service;
  return (
    service.state === 'up' &&
    service.operation === undefined &&
    service.queue.length === 0 &&
    service.startup === undefined &&
    service.holding === undefined &&
    repair.verifying === undefined &&
    (repair.check !== name || repair.rung === 0) &&
    before.state === 'up' &&
    before.incident === undefined &&
    before.heldAt === undefined &&
    'count' in failAfter &&
    failAfter.count === 1
  );
}

/** Nothing of what could speak against it is there at all, and nothing is due before. */
function mayBeRepaired(
  config: Config,
  state: EngineState,
  { service: rules, dependencies }: IndexedService,
  { repair }: ServiceState,
  at: Instant,
): boolean {
  const wakeAt = nextWake(config, state, at);
  return (
    (wakeAt === undefined || wakeAt > at.now) &&
    state.trust.trusted &&
    rules.manager !== undefined &&
    rules.mode === 'active' &&
    !state.silences.some(({ noRepair }) => noRepair) &&
    state.calendar.maintenance.length === 0 &&
    repair.stoodDownAt === undefined &&
    repair.notBefore <= at.now &&
    attemptsLeft(repair, rules.budget, at.now) > 0 &&
    dependencies.every((name) => getFromShelf(state.services, name)?.state === 'up') &&
    placeTaken({ config, index: indexOf(config), repairing: state.repairing }, rules) === undefined
  );
}
