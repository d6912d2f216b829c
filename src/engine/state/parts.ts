import { getFromShelf, shelfChanges, shelfEntries } from '../../lib/shelf.ts';
import type { EngineState } from '../../model/state.ts';

/** Part of the state under its own key in the store; without a value, it is to be deleted. */
export type PartChange = readonly [key: string, value: unknown] | readonly [key: string];

/** What a step changed, split by whether a crash may lose it. */
export interface ChangedParts {
  /** To be stored before the step's actions are carried out. */
  readonly now: readonly PartChange[];
  /** Names of services of which only passing readings are new: good enough to be stored now and then (`servicePart`). */
  readonly later: readonly string[];
  /** Names of all services of which something is new. */
  readonly services: readonly string[];
}

/** Keys: `service/<name>`, `incident/<id>` and `engine` for the rest. Costs little where little changed. */
export function changedParts(before: EngineState, after: EngineState): ChangedParts {
  const now: PartChange[] = [];
  const later: string[] = [];
  const services: string[] = [];
  for (const [name, was, is] of shelfChanges(before.services, after.services)) {
    services.push(name);
    if (was && is && was.revision === is.revision) later.push(name);
    else now.push(is ? [`service/${name}`, is] : [`service/${name}`]);
  }
  for (const [id, , is] of shelfChanges(before.incidents, after.incidents)) {
    now.push(is ? [`incident/${id}`, is] : [`incident/${id}`]);
  }
  if (engineChanged(before, after)) now.push(['engine', enginePart(after)]);
  return { now, later, services };
}

/** One service as it is stored; undefined when there is none of that name. */
export function servicePart(state: EngineState, name: string): PartChange | undefined {
  const service = getFromShelf(state.services, name);
  return service && [`service/${name}`, service];
}

/** The whole state as it is stored. */
export function allParts(state: EngineState): readonly PartChange[] {
  return [
    ...[...shelfEntries(state.services)].map(([name, service]) => [`service/${name}`, service] as const),
    ...[...shelfEntries(state.incidents)].map(([id, incident]) => [`incident/${id}`, incident] as const),
    ['engine', enginePart(state)],
  ];
}

/** Everything that is neither a service nor an incident, nor follows from them. */
export interface EnginePart extends Omit<EngineState, 'services' | 'incidents' | 'timers'> {
  /** Goes up when stored data has to be read in another way. */
  readonly version: 1;
}

const ENGINE_KEYS = [
  'closed',
  'silences',
  'pending',
  'trust',
  'calendar',
  'repairing',
  'waiting',
  'troubles',
  'rates',
  'sequence',
] as const satisfies readonly Exclude<keyof EnginePart, 'version'>[];

function enginePart(state: EngineState): EnginePart {
  const { closed, silences, pending, trust, calendar, repairing, waiting, troubles, rates, sequence } = state;
  return {
    version: 1,
    closed,
    silences,
    pending,
    trust,
    calendar,
    repairing,
    waiting,
    troubles,
    rates,
    sequence,
  };
}

function engineChanged(before: EngineState, after: EngineState): boolean {
  for (const key of ENGINE_KEYS) if (before[key] !== after[key]) return true;
  return false;
}
