import type { Kinds } from './kinds.ts';
import type { KnownConditions } from './resolve/resolve-conditions.ts';
import { checkSettings, inheritedCheckSettings } from './settings/check-settings.ts';
import { serviceSettings } from './settings/service-settings.ts';

/** The settings that rule files may use, made once from the registries. */
export interface Language {
  readonly kinds: Kinds;
  /** Names of the settings that a check takes from its surroundings. */
  readonly inherited: ReadonlySet<string>;
  /** Names of all kinds of checks, and the words that templates take. */
  readonly besides: readonly string[];
  readonly conditions: KnownConditions;
  readonly check: ReturnType<typeof checkSettings>;
  readonly service: ReturnType<typeof serviceSettings>;
}

export function makeLanguage(kinds: Kinds): Language {
  const check = checkSettings(kinds.repairs);
  const inherited = new Set(Object.keys(inheritedCheckSettings));
  const besides = [...Object.keys(kinds.checks), 'use', 'with'];
  return {
    kinds,
    inherited,
    besides,
    conditions: { compiled: new Map() },
    check,
    service: serviceSettings(kinds.managers),
  };
}
