import { matchesName } from '../../lib/name-pattern.ts';
import type { Config, Notifier, Route } from '../../model/config.ts';
import type { Incident } from '../../model/incident.ts';
import type { Check, Service, Severity } from '../../model/service.ts';
import type { Work } from '../work.ts';

/**
 * Who hears of an incident at its present severity: the check's notifiers, changed by every route that matches (in
 * order), without those that want only worse things or do not exist.
 */
export function recipientsOf(
  work: Work,
  incident: Pick<Incident, 'service' | 'check' | 'severity'>,
): readonly string[] {
  const indexed = work.index.services.get(incident.service);
  const check = indexed?.checks.get(incident.check);
  if (!indexed || !check) return [];
  const { config } = work;
  let names = check.notify.length > 0 ? check.notify : config.notify;
  config.routes.forEach((route, index) => {
    if (!matchesRoute(route, indexed.service, check, incident.severity)) return;
    if (route.match.during !== undefined && !work.calendar.routes.includes(index)) return;
    names = route.replace ? route.notify : [...names, ...route.notify];
  });
  return [...new Set(names)].filter((name) => wants(config, name, incident.severity));
}

/** Whether a notifier exists and takes messages of this severity. */
export function wants(config: Config, name: string, severity: Severity): boolean {
  const notifier: Notifier | undefined = config.notifiers[name];
  return notifier !== undefined && (severity === 'critical' || notifier.minSeverity === 'warning');
}

/** Why an incident at its present severity has nobody to be told. */
export function whyNobody(work: Work, { severity }: Incident): string {
  const none = Object.keys(work.config.notifiers).length === 0;
  return none ? 'no notifier is configured' : `no notifier wants it at severity ${severity}`;
}

function matchesRoute({ match }: Route, service: Service, check: Check, severity: Severity): boolean {
  const { services, groups, labels } = match;
  if (services && !services.some((pattern) => matchesName(pattern, service.name))) return false;
  if (groups && !groups.some((group) => service.groups.includes(group))) return false;
  if (match.severity !== undefined && match.severity !== severity) return false;
  const all = { ...service.labels, ...check.labels };
  return Object.entries(labels ?? {}).every(([name, value]) => all[name] === value);
}
