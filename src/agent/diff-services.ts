import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../model/config.ts';

/** What a reload changed, by the names of services. */
export interface ServiceDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Names of services that only one of them has, and of those whose rules differ. */
export function diffServices(before: Config, after: Config): ServiceDifference {
  const old = new Map(before.services.map((service) => [service.name, service]));
  const now = new Map(after.services.map((service) => [service.name, service]));
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now]
      .filter(([name, service]) => old.has(name) && !isDeepStrictEqual(old.get(name), service))
      .map(([name]) => name),
  };
}
