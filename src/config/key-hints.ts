import type { AnyCheckKind } from './kinds.ts';
import type { Language } from './language.ts';
import { optionHint } from './settings/kind-choice.ts';

/** Says what to do about a key that does not belong where it stands; nothing where that is not known. */
export type KeyHint = (key: string) => string | undefined;

/** What other tools call the settings of a check. */
const otherNames: Readonly<Record<string, string>> = {
  action: 'repair',
  actions: 'repair',
  fires: 'repair',
  alert: 'notify',
  alerts: 'notify',
  interval: 'every',
  period: 'every',
  retries: 'fail_after',
  attempts: 'fail_after',
  cycles: 'fail_after',
  threshold: 'fail_after',
  times: 'fail_after',
  condition: 'expect',
  conditions: 'expect',
  assert: 'expect',
  if: 'expect',
  test: 'expect',
};

/** For keys of a service: what belongs to its manager or to one of its checks. */
export function serviceHint({ kinds, check, inherited }: Language): KeyHint {
  const commands = kinds.managers['commands']?.options ?? {};
  return (key) => {
    if (Object.hasOwn(kinds.checks, key) && !Object.hasOwn(kinds.managers, key)) {
      return `'${key}' is a kind of check: write checks: { NAME: { ${key}: ... } }`;
    }
    if (Object.hasOwn(kinds.managers, key)) {
      return `'${key}' is a manager: write manager: { ${key}: ... }`;
    }
    if (Object.hasOwn(commands, key)) {
      return `'${key}' is said to the manager: write manager: { commands: { ${key}: ... } }`;
    }
    if (Object.hasOwn(check, key) && !inherited.has(key)) {
      return `'${key}' is a setting of a check: write it below one of checks:`;
    }
    return undefined;
  };
}

/** For keys of a check: options of its kind, readings, what belongs to the service, words of other tools. */
export function checkHint(kind: AnyCheckKind, { service, check }: Language): KeyHint {
  const option = optionHint(kind, 'check');
  return (key) => {
    const meant = Object.hasOwn(otherNames, key) ? otherNames[key] : undefined;
    if (meant !== undefined) return `did you mean '${meant}'?`;
    if (Object.hasOwn(service, key) && !Object.hasOwn(check, key)) {
      return `'${key}' is a setting of the service: write it beside checks:`;
    }
    return option(key) ?? readingHint(kind, key);
  };
}

/** For keys below a kind: settings of the check, and readings. */
export function optionKeyHint(kind: AnyCheckKind, { check }: Language): KeyHint {
  return (key) =>
    Object.hasOwn(check, key)
      ? `'${key}' is a setting of the check: write it beside ${kind.kind}:, not below it`
      : readingHint(kind, key);
}

function readingHint({ kind, readings }: AnyCheckKind, key: string): string | undefined {
  return Object.hasOwn(readings, key)
    ? `'${key}' is a reading: compare it in expect: or warn:, beside ${kind}:`
    : undefined;
}
