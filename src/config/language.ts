import type { Kinds } from './kinds.ts';
import type { Compiled } from './resolve-conditions.ts';
import { checkSettings, inheritedCheckSettings } from './settings/check-settings.ts';
import { serviceSettings } from './settings/service-settings.ts';

/** The settings that rule files may use, made once from the registries. */
export interface Language {
  readonly kinds: Kinds;
  /** Names of the settings of a check: those it takes from its surroundings, and those of its own. */
  readonly inherited: ReadonlySet<string>;
  readonly local: ReadonlySet<string>;
  /** Names of all kinds of checks, and the words that templates take. */
  readonly besides: readonly string[];
  readonly compiled: Compiled;
  readonly check: ReturnType<typeof checkSettings>;
  readonly service: ReturnType<typeof serviceSettings>;
}

export function makeLanguage(kinds: Kinds): Language {
  const check = checkSettings(kinds.repairs);
  const inherited = new Set(Object.keys(inheritedCheckSettings));
  const local = new Set(Object.keys(check).filter((key) => !inherited.has(key)));
  const besides = [...Object.keys(kinds.checks), 'use', 'with'];
  return {
    kinds,
    inherited,
    local,
    besides,
    compiled: new Map(),
    check,
    service: serviceSettings(kinds.managers),
  };
}
