import { nearestWord } from '../../lib/nearest.ts';
import type { Check } from '../../model/service.ts';
import type { OptionsOf, ReadContext } from '../../schema/field.ts';
import type { MapEntry, MapNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import { defaultsOf, readKnown, reportUnknownKey } from '../../schema/read-fields.ts';
import type { Defaults } from '../combine/defaults.ts';
import { type Layer, type Origin, originOfOption, originsIn, takeNearest } from '../combine/layers.ts';
import { entryOf, overlay } from '../combine/merge-nodes.ts';
import { type Name, plainNames } from '../fields/names.ts';
import { checkHint, optionKeyHint } from '../key-hints.ts';
import type { AnyCheckKind } from '../kinds.ts';
import type { Language } from '../language.ts';
import { kindNamed, readKind } from '../settings/kind-choice.ts';
import type { CheckDraft } from './draft.ts';
import { defaultConditions, resolveConditions } from './resolve-conditions.ts';

/** What a check is resolved in. */
export interface CheckSurroundings {
  readonly language: Language;
  readonly defaults: Defaults;
  /** What checks take from the service's own settings, then from the defaults of its groups. */
  readonly service: Layer;
  readonly groups: readonly Layer[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * One check with every setting filled in, those that could not be read by their defaults; undefined where it is not known
 * what it looks at. `body` has templates applied.
 */
export function resolveCheck(
  named: { readonly name: string; readonly place: Place; readonly body: MapNode },
  surroundings: CheckSurroundings,
  context: ReadContext,
): CheckDraft | undefined {
  const { language, defaults } = surroundings;
  const what = `the check '${named.name}'`;
  const found = findKind(named, what, surroundings, context);
  if (found === undefined) {
    // The other mistakes in it are told at the same time.
    const known = named.body.entries.map(({ key }) => key);
    readKnown(language.check, named.body, context, { known, what, place: named.place });
    return undefined;
  }
  const { kind } = found;
  const kindLayer = defaults.kinds.get(kind.kind);
  const own: Layer = { map: named.body, label: 'the check' };
  const layers = [own, surroundings.service];
  if (kindLayer !== undefined) layers.push(kindLayer);
  layers.push(...surroundings.groups, defaults.all.check);
  const map: MapNode = { kind: 'map', place: named.body.place, entries: takeNearest(layers) };
  const known = language.conditions;
  const { values, complete, unread } = readKnown(language.check, map, context, {
    known: language.besides,
    what,
    place: named.place,
    hint: checkHint(kind, language),
  });
  const entry = withDefaults(found.entry, kind, kindLayer);
  const choice = readKind(kind, entry, context, optionKeyHint(kind, language));
  const expect = resolveConditions(values.expect ?? [], { kind, role: 'expect', known }, context);
  const warn = resolveConditions(values.warn ?? [], { kind, role: 'warn', known }, context);
  const good = complete && choice !== undefined && expect !== undefined && warn !== undefined;
  const set = (complete ? values : { ...defaultsOf(language.check), ...values }) as Settings;
  // A line that could not be read may have been about anything: then nothing is added to it.
  const read = expect !== undefined && warn !== undefined;
  return {
    check: {
      name: named.name,
      kind: kind.kind,
      options: choice?.options ?? {},
      cadence: set.every,
      timeout: set.timeout ?? defaultTimeout(kind, set.every),
      expect: [...defaultConditions(read ? kind.expects : [], expect ?? [], kind, known), ...(expect ?? [])],
      warn: [
        ...defaultConditions((read && kind.warns) || [], [...(expect ?? []), ...(warn ?? [])], kind, known),
        ...(warn ?? []),
      ],
      failAfter: set.fail_after ?? { count: kind.failAfter, of: kind.failAfter },
      recoverAfter: set.recover_after,
      severity: set.severity,
      repair: set.repair,
      notify: plainNames(set.notify ?? []),
      escalate: escalations(set),
      unknownAfter: set.unknown_after,
      labels: isEmpty(set.labels) ? surroundings.labels : { ...surroundings.labels, ...set.labels },
      vital: set.vital ?? false,
      ...seldomSet(set),
    },
    place: named.place,
    origins: originsIn(layers),
    values: set,
    optionOrigin: (name) => optionOrigin(name, found.entry, kind, kindLayer),
    notify: set.notify ?? [],
    escalate: set.escalate.flatMap((step): readonly Name[] => step.notify),
    ...(set.vital === undefined ? {} : { vital: set.vital }),
    used: [],
    complete: good,
    unread: choice === undefined ? [...unread, kind.kind] : unread,
  };
}

type Settings = OptionsOf<Language['check']>;

/** That of the kind, but never so long that the next look would be missed. */
function defaultTimeout(kind: AnyCheckKind, cadence: Check['cadence']): number {
  return 'every' in cadence ? Math.min(kind.timeout, cadence.every) : kind.timeout;
}

function escalations(set: Settings): Check['escalate'] {
  if (set.escalate.length === 0) return [];
  const steps = set.escalate.map((step) => ({
    after: step.after,
    notify: plainNames(step.notify),
    ...(step.severity === undefined ? {} : { severity: step.severity }),
  }));
  return steps.sort((a, b) => a.after - b.after);
}

function seldomSet({
  flapping,
  retry_every: retryEvery,
  remind_every: remindEvery,
}: Settings): Pick<Check, 'flapping' | 'retryEvery' | 'remindEvery'> {
  return {
    ...(flapping === false ? {} : { flapping: flapping === true ? { low: 25, high: 30 } : flapping }),
    ...(retryEvery === undefined ? {} : { retryEvery }),
    ...(remindEvery === undefined ? {} : { remindEvery }),
  };
}

function isEmpty(labels: Readonly<Record<string, string>>): boolean {
  for (const _ in labels) return false;
  return true;
}

/** The options that `defaults: kinds:` gives for the kind, below those of the check. */
function withDefaults(entry: MapEntry, kind: AnyCheckKind, layer: Layer | undefined): MapEntry {
  const under = layer === undefined ? undefined : entryOf(layer.map, kind.kind)?.value;
  if (under?.kind !== 'map') return entry;
  const { value } = entry;
  if (value.kind === 'map') return { ...entry, value: overlay(value, under) };
  if (value.kind === 'scalar' && value.value === null) return { ...entry, value: under };
  if (kind.main === undefined) return entry;
  const short: MapNode = { kind: 'map', entries: [{ ...entry, key: kind.main }], place: value.place };
  return { ...entry, value: overlay(short, under) };
}

function optionOrigin(
  name: string,
  entry: MapEntry,
  kind: AnyCheckKind,
  layer: Layer | undefined,
): Origin | undefined {
  const own = originOfOption(name, entry, kind.main, 'the check');
  const under = layer === undefined ? undefined : entryOf(layer.map, entry.key);
  return own ?? (under && layer && originOfOption(name, under, undefined, layer.label));
}

/** The one key of a check that names a kind. */
function findKind(
  { name, place, body }: { readonly name: string; readonly place: Place; readonly body: MapNode },
  what: string,
  { language }: CheckSurroundings,
  context: ReadContext,
): { readonly kind: AnyCheckKind; readonly entry: MapEntry } | undefined {
  const { checks } = language.kinds;
  const named = body.entries.filter((entry) => kindNamed(checks, entry.key) !== undefined);
  const first = named[0];
  const second = named[1];
  const kind = first === undefined ? undefined : kindNamed(checks, first.key);
  if (first === undefined || kind === undefined) {
    const words = Object.keys(checks);
    const settings = Object.keys(language.check);
    const strange = body.entries.filter(
      ({ key }) => !settings.includes(key) && key !== 'use' && key !== 'with',
    );
    const [stranger] = strange;
    if (stranger !== undefined) {
      const all = [...words, ...settings];
      for (const entry of strange)
        reportUnknownKey(entry, nearestWord(entry.key, all) ? all : words, context, { what });
      return undefined;
    }
    const hint = `add one of: ${words.join(', ')}`;
    context.report({
      level: 'error',
      code: 'no-kind',
      message: `the check '${name}' does not say what to look at`,
      place,
      hint,
    });
    return undefined;
  }
  if (second !== undefined) {
    context.report({
      level: 'error',
      code: 'two-kinds',
      message: `${what} can look at one thing only, found '${first.key}' and '${second.key}'`,
      place: second.keyPlace,
      related: [{ place: first.keyPlace, message: 'the first one' }],
      hint: 'make it two checks',
    });
    return undefined;
  }
  return { kind, entry: first };
}
