import type { Severity } from '../../model/service.ts';
import type { Problem } from '../../schema/problem.ts';
import { eachCheck, type Look, nameOf, placeOf } from './looking.ts';

/** What can fail without anybody being told. */
export const checkTold: Look = (looking) => {
  const { drafts, told, whole } = looking;
  if (!told) return [];
  if (drafts.notifiers.length === 0) {
    const message = 'nobody is told of anything: there are no notifiers';
    return [
      {
        level: 'warning',
        code: 'told-to-nobody',
        message,
        hint: 'add notifiers: and notify: to watcher.yaml',
      },
    ];
  }
  return [...untold(looking), ...(whole ? unused(looking) : [])];
};

const untold: Look = eachCheck((draft, service, { drafts }): readonly Problem[] => {
  const { settings } = drafts.agent;
  const { check } = draft;
  // A route may tell somebody; whether it does depends on the incident.
  if (settings.routes.length > 0) return [];
  const names = [
    ...(check.notify.length > 0 ? check.notify : settings.notify),
    ...check.escalate.flatMap((step) => step.notify),
  ];
  const name = (): string => nameOf(draft, service);
  if (names.length === 0) {
    const hint = 'add notify: to the check, to the service or to watcher.yaml';
    const message = `nobody is told when ${name()} fails`;
    return [{ level: 'warning', code: 'told-to-nobody', message, place: draft.place, hint }];
  }
  const notifiers = drafts.notifiers.filter(({ notifier }) => names.includes(notifier.name));
  const worst: Severity = check.escalate.some((step) => step.severity === 'critical')
    ? 'critical'
    : check.severity;
  if (notifiers.length === 0 || worst === 'critical') return [];
  if (notifiers.some(({ notifier }) => notifier.minSeverity === 'warning')) return [];
  const message = `nobody is told when ${name()} fails: it is a warning, and ${names.join(', ')} only takes what is critical`;
  return [{ level: 'warning', code: 'told-to-nobody', message, place: placeOf(draft, 'severity') }];
});

const unused: Look = ({ drafts }) => {
  const { agent, notifiers, services } = drafts;
  const used = new Set([
    ...agent.notifierNames.map(({ name }) => name),
    ...notifiers.flatMap(({ fallback }) => fallback.map(({ name }) => name)),
    ...services.flatMap(({ checks }) =>
      checks.flatMap(({ notify, escalate }) => [...notify, ...escalate].map(({ name }) => name)),
    ),
  ]);
  return notifiers
    .filter(({ notifier }) => !used.has(notifier.name))
    .map(({ notifier, place }) => ({
      level: 'warning',
      code: 'unused-notifier',
      message: `the notifier '${notifier.name}' is never used`,
      place,
      hint: `add notify: [${notifier.name}] to watcher.yaml, a service or a check`,
    }));
};
