import type { Kinds } from './kinds.ts';
import { checkSettings } from './settings/check-settings.ts';
import { serviceSettings } from './settings/service-settings.ts';

/** The settings that rule files may use, made once from the registries. */
export interface Language {
  readonly kinds: Kinds;
  readonly check: ReturnType<typeof checkSettings>;
  readonly service: ReturnType<typeof serviceSettings>;
}

export function makeLanguage(kinds: Kinds): Language {
  return { kinds, check: checkSettings(kinds.repairs), service: serviceSettings(kinds.managers) };
}
