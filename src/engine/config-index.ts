import type { Config } from '../model/config.ts';
import type { Check, Service } from '../model/service.ts';

/** What decisions look up in a configuration, worked out once for each. */
export interface ConfigIndex {
  readonly services: ReadonlyMap<string, IndexedService>;
}

export interface IndexedService {
  readonly service: Service;
  readonly checks: ReadonlyMap<string, Check>;
  readonly vital?: Check;
  /** Everything it needs, also indirectly; roots first; without itself where rules go round in a circle. */
  readonly dependencies: readonly string[];
  /** Everything that needs it, also indirectly. */
  readonly dependents: readonly string[];
}

/** A configuration is never changed, so its index can be remembered for as long as it lives. */
const known = new WeakMap<Config, ConfigIndex>();

/** The index of a configuration, made on first use. */
export function indexOf(config: Config): ConfigIndex {
  const before = known.get(config);
  if (before) return before;
  const index = makeIndex(config);
  known.set(config, index);
  return index;
}

function makeIndex(config: Config): ConfigIndex {
  const byName = new Map(config.services.map((service) => [service.name, service]));
  const dependencies = new Map<string, readonly string[]>();
  const dependents = new Map<string, string[]>();
  for (const service of config.services) {
    const below = dependenciesOf(service.name, byName);
    dependencies.set(service.name, below);
    for (const name of below) dependents.set(name, [...(dependents.get(name) ?? []), service.name]);
  }
  const services = new Map<string, IndexedService>();
  for (const service of config.services) {
    const vital = service.checks.find((check) => check.vital);
    services.set(service.name, {
      service,
      checks: new Map(service.checks.map((check) => [check.name, check])),
      ...(vital && { vital }),
      dependencies: dependencies.get(service.name) ?? [],
      dependents: dependents.get(service.name) ?? [],
    });
  }
  return { services };
}

/** Depth first, so that what something depends on comes before it. Names without a service are left out. */
function dependenciesOf(name: string, byName: ReadonlyMap<string, Service>): readonly string[] {
  const seen = new Set([name]);
  const order: string[] = [];
  const visit = (at: string): void => {
    for (const next of byName.get(at)?.dependsOn ?? []) {
      if (seen.has(next) || !byName.has(next)) continue;
      seen.add(next);
      visit(next);
      order.push(next);
    }
  };
  visit(name);
  return order;
}

/**
 * The services in the order in which a command should be given to them: dependencies before those that need them, the
 * other way round for `stop`.
 */
export function commandOrder(
  config: Config,
  names: readonly string[],
  command: 'start' | 'stop' | 'restart' | string,
): readonly string[] {
  const { services } = indexOf(config);
  const depth = (name: string) => services.get(name)?.dependencies.length ?? 0;
  const ordered = [...names].sort((a, b) => depth(a) - depth(b));
  return command === 'stop' ? ordered.reverse() : ordered;
}
