import { nearestWord } from '../../lib/nearest.ts';
import type { Notifier } from '../../model/config.ts';
import type { OptionsOf, ReadContext } from '../../schema/field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import type { MapEntry, Node } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import { defaultsOf, readKnown, reportUnknownKey } from '../../schema/read-fields.ts';
import { checkName } from '../combine/combine.ts';
import { type Origins, originOfOption, originsIn } from '../combine/layers.ts';
import { type Name, plainNames } from '../fields/names.ts';
import type { Kinds } from '../kinds.ts';
import { kindNamed, readKind } from '../settings/kind-choice.ts';
import { notifierSettings } from '../settings/notifier-settings.ts';

/** A resolved notifier with the places of the names in it. */
export interface NotifierDraft {
  readonly notifier: Notifier;
  readonly place: Place;
  readonly fallback: readonly Name[];
  /** Where a setting of it, or an option of its kind, came from; nothing for what is built in. For printing. */
  readonly origins: Origins;
  readonly optionOrigins: Origins;
}

/** All notifiers that could be read, and the names of all of them. */
export interface NotifierDrafts {
  readonly drafts: readonly NotifierDraft[];
  readonly names: readonly string[];
  readonly complete: boolean;
}

/** Reads `notifiers:`. */
export function resolveNotifiers(node: Node | undefined, kinds: Kinds, context: ReadContext): NotifierDrafts {
  if (node === undefined) return { drafts: [], names: [], complete: true };
  if (node.kind !== 'map') {
    const expected = 'a map of names to notifiers';
    mismatch({ ...context, name: 'notifiers' }, node, { code: 'wrong-type', expected });
    return { drafts: [], names: [], complete: false };
  }
  const drafts = node.entries.map((entry) => resolveNotifier(entry, kinds, context));
  const good = drafts.filter((draft) => draft !== undefined);
  const names = node.entries.map(({ key }) => key);
  return { drafts: good, names, complete: good.length === drafts.length };
}

function resolveNotifier(entry: MapEntry, kinds: Kinds, context: ReadContext): NotifierDraft | undefined {
  const { key: name, keyPlace: place, value: node } = entry;
  if (!checkName(name, 'a notifier', place, context)) return undefined;
  if (node.kind !== 'map') {
    return mismatch({ ...context, name }, node, {
      code: 'wrong-type',
      expected: 'a map such as { email: { ... } }',
    });
  }
  const what = `the notifier '${name}'`;
  const words = Object.keys(kinds.notifiers);
  const [found, second] = node.entries.filter(({ key }) => kindNamed(kinds.notifiers, key) !== undefined);
  const kind = found === undefined ? undefined : kindNamed(kinds.notifiers, found.key);
  if (found === undefined || kind === undefined) {
    const settings = Object.keys(notifierSettings);
    const strange = node.entries.filter(({ key }) => !settings.includes(key));
    for (const stranger of strange) {
      const all = [...words, ...settings];
      reportUnknownKey(stranger, nearestWord(stranger.key, all) ? all : words, context, { what });
    }
    if (strange.length === 0) {
      const hint = `add one of: ${words.join(', ')}`;
      context.report({
        level: 'error',
        code: 'no-kind',
        message: `${what} does not say how to send`,
        place,
        hint,
      });
    }
    return undefined;
  }
  if (second !== undefined) {
    context.report({
      level: 'error',
      code: 'two-kinds',
      message: `${what} can send in one way only, found '${found.key}' and '${second.key}'`,
      place: second.keyPlace,
      related: [{ place: found.keyPlace, message: 'the first one' }],
      hint: 'make it two notifiers',
    });
    return undefined;
  }
  const { values, complete } = readKnown(notifierSettings, node, context, { known: words, what, place });
  const choice = readKind(kind, found, context);
  if (!complete || choice === undefined) return undefined;
  const set = { ...defaultsOf(notifierSettings), ...values } as OptionsOf<typeof notifierSettings>;
  const { rate_limit: limit } = set;
  const notifier: Notifier = {
    ...choice,
    name,
    minSeverity: set.min_severity,
    fallback: plainNames(set.fallback),
    sendResolved: set.send_resolved,
    ...(limit === undefined ? {} : { rateLimit: { messages: limit.times, window: limit.window } }),
  };
  const label = 'the notifier';
  return {
    notifier,
    place,
    fallback: set.fallback,
    origins: originsIn([{ map: node, label }]),
    optionOrigins: (option) => originOfOption(option, found, kind.main, label),
  };
}
