import type { Config } from '../model/config.ts';
import type { Check, Service } from '../model/service.ts';

/** One difference between two configurations. */
export interface Change {
  readonly type: 'added' | 'removed' | 'changed';
  /** Absent: of the agent itself. */
  readonly service?: string;
  readonly check?: string;
  /** The names of what differs, for `changed`: `timeout`, `repair`. */
  readonly fields: readonly string[];
  /** One line for people: `changed api/responds: timeout 2000 -> 3000`. Secrets are masked. */
  readonly text: string;
}

/** What a reload from one configuration to the other changes, in the order: agent, services as they stand. */
export function diffConfigs(before: Config, after: Config): readonly Change[] {
  const masked = (value: unknown): string => {
    const text = value === undefined ? 'nothing' : JSON.stringify(value);
    const secrets = [...before.secrets, ...after.secrets];
    return secrets.reduce(
      (shown, secret) => shown.replaceAll(JSON.stringify(secret.text).slice(1, -1), '***'),
      text,
    );
  };
  const { services: oldServices, secrets: _, ...oldAgent } = before;
  const { services: newServices, secrets: __, ...newAgent } = after;
  const changes: Change[] = [...changed(oldAgent, newAgent, {}, masked)];
  const earlier = new Map(oldServices.map((service) => [service.name, service]));
  for (const service of newServices) {
    const old = earlier.get(service.name);
    earlier.delete(service.name);
    if (old === undefined)
      changes.push({ type: 'added', service: service.name, fields: [], text: `added ${service.name}` });
    else changes.push(...serviceChanges(old, service, masked));
  }
  for (const name of earlier.keys()) {
    changes.push({ type: 'removed', service: name, fields: [], text: `removed ${name}` });
  }
  return changes;
}

function serviceChanges(
  before: Service,
  after: Service,
  masked: (value: unknown) => string,
): readonly Change[] {
  const { checks: oldChecks, ...oldRest } = before;
  const { checks: newChecks, ...newRest } = after;
  const service = after.name;
  const changes: Change[] = [...changed(oldRest, newRest, { service }, masked)];
  const earlier = new Map(oldChecks.map((check) => [check.name, check]));
  for (const check of newChecks) {
    const old: Check | undefined = earlier.get(check.name);
    earlier.delete(check.name);
    const about = { service, check: check.name };
    if (old === undefined)
      changes.push({ type: 'added', ...about, fields: [], text: `added ${service}/${check.name}` });
    else changes.push(...changed(old, check, about, masked));
  }
  for (const name of earlier.keys()) {
    changes.push({ type: 'removed', service, check: name, fields: [], text: `removed ${service}/${name}` });
  }
  return changes;
}

function changed(
  before: object,
  after: object,
  about: { readonly service?: string; readonly check?: string },
  masked: (value: unknown) => string,
): readonly Change[] {
  const old = new Map(Object.entries(before));
  const young = new Map(Object.entries(after));
  const keys = new Set([...old.keys(), ...young.keys()]);
  const fields = [...keys].filter((key) => !sameData(old.get(key), young.get(key)));
  if (fields.length === 0) return [];
  const name = [about.service ?? 'the agent', ...(about.check === undefined ? [] : [about.check])].join('/');
  const parts = fields.map((key) => `${key} ${masked(old.get(key))} -> ${masked(young.get(key))}`);
  return [{ type: 'changed', ...about, fields, text: `changed ${name}: ${parts.join('; ')}` }];
}

/** Whether two pieces of plain data are equal; the order of keys does not count. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameData(value, right.get(key)))
  );
}
