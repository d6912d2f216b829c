import { formatDuration } from '../../lib/duration.ts';
import { matchesName } from '../../lib/name-pattern.ts';
import type { MaintenanceWindow } from '../../model/config.ts';
import type { Incident } from '../../model/incident.ts';
import type { Check, Service } from '../../model/service.ts';
import type { ServiceState, Silence } from '../../model/state.ts';
import { heldBack } from '../services/dependency.ts';
import { fromWall, serviceOf, type Work } from '../work.ts';

/** Why people are not told of an incident just now, or nothing is repaired, and until when where that is known. */
export interface Mute {
  /** The same for as long as the reason is the same: to compare by, for the words tell of time left. */
  readonly key: string;
  readonly why: string;
  /** The words without the time left, where they tell of it. */
  readonly lasting?: string;
  readonly until?: number;
}

/** A reason whose words never change while it lasts. */
export function mute(why: string): Mute {
  return { key: why, why };
}

/** That the agent does not trust itself, as a reason; undefined while it does. */
export function distrusted(work: Work): Mute | undefined {
  const { trusted, reason = '' } = work.trust;
  return trusted ? undefined : mute(`the agent does not trust itself: ${reason}`);
}

/** What keeps notices of an incident back. What ends an incident is never kept back: see `flushNotices`. */
export function muteOf(work: Work, incident: Incident): Mute | undefined {
  const indexed = work.index.services.get(incident.service);
  const check = indexed?.checks.get(incident.check);
  const service = serviceOf(work, incident.service);
  if (!indexed || !check || !service) return undefined;
  const doubt = distrusted(work);
  if (doubt) return doubt;
  const { acknowledged } = incident;
  if (acknowledged) return mute(`acknowledged by ${acknowledged.by}`);
  const silence = silenceFor(work, indexed.service, check);
  if (silence) return muteBySilence(work, silence);
  const window = maintenanceOf(work, indexed.service)[0];
  if (window) return mute(`maintenance window ${window.name}`);
  if (check.flapping && service.checks[check.name]?.flap.flapping && !needsYou(service, incident))
    return mute(`${check.name} is flapping`);
  if (service.holding !== undefined) return mute(service.holding);
  const cause = incident.upAt === undefined ? causeElsewhere(work, incident) : undefined;
  return cause === undefined ? undefined : mute(cause);
}

/**
 * Its repairs did not help and the service stood down: somebody has to come, however much the check changed until then. As often
 * as the budget allows repairs, and not for what fails again while none is left.
 */
function needsYou({ repair }: ServiceState, { openedAt, repairs }: Incident): boolean {
  return repairs.length > 0 && repair.stoodDownAt !== undefined && openedAt <= repair.stoodDownAt;
}

/** Being repaired is no reason for silence: that is part of what is told. */
function causeElsewhere(work: Work, incident: Incident): string | undefined {
  const indexed = work.index.services.get(incident.service);
  const check = indexed?.checks.get(incident.check);
  const service = serviceOf(work, incident.service);
  if (!indexed || !check || !service) return undefined;
  const settled = { ...service, startup: undefined, operation: undefined, queue: [] };
  return heldBack(work, indexed, settled, check);
}

/** The silence that covers a check now; without a check, the service as a whole. */
export function silenceFor(work: Work, service: Service, check: Check | undefined): Silence | undefined {
  const { wall } = work.at;
  return work.silences.find(
    (silence) => isSilenceActive(silence, wall) && silenceMatches(silence, service, check),
  );
}

/** The silence that holds repairs back as well. */
export function noRepairSilenceFor(
  work: Work,
  service: Service,
  check: Check | undefined,
): Silence | undefined {
  const { wall } = work.at;
  return work.silences.find(
    (silence) =>
      silence.noRepair && isSilenceActive(silence, wall) && silenceMatches(silence, service, check),
  );
}

/** `wall`: milliseconds on the wall clock, as the ends of silences are. */
export function isSilenceActive({ from, until }: Silence, wall: number): boolean {
  return from <= wall && wall < until;
}

/** Every given field must match; an empty one matches all. Names may contain `*`. */
export function silenceMatches(silence: Silence, service: Service, check: Check | undefined): boolean {
  const { services, checks, labels } = silence;
  if (services.length > 0 && !services.some((pattern) => matchesName(pattern, service.name))) return false;
  if (checks.length > 0 && !(check && checks.some((pattern) => matchesCheck(pattern, service, check))))
    return false;
  const all = { ...service.labels, ...check?.labels };
  return Object.entries(labels).every(([name, value]) => all[name] === value);
}

function matchesCheck(pattern: string, service: Service, check: Check): boolean {
  return matchesName(pattern, pattern.includes('/') ? `${service.name}/${check.name}` : check.name);
}

/** The active maintenance windows that cover a service. */
export function maintenanceOf(work: Work, service: Service): readonly MaintenanceWindow[] {
  if (work.calendar.maintenance.length === 0) return [];
  return work.config.maintenance.filter(
    ({ name, services, groups }) =>
      work.calendar.maintenance.includes(name) &&
      (services.length + groups.length === 0 ||
        services.some((pattern) => matchesName(pattern, service.name)) ||
        groups.some((group) => service.groups.includes(group))),
  );
}

/** What a silence says as a reason: by whom, for how long still, and the comment. */
export function muteBySilence(work: Work, { id, by, comment, until }: Silence): Mute {
  const left = formatDuration(Math.max(0, until - work.at.wall));
  const remark = comment === '' ? '' : ` (${comment})`;
  return {
    key: id,
    why: `silenced by ${by} for another ${left}${remark}`,
    lasting: `silenced by ${by}${remark}`,
    until: fromWall(work, until),
  };
}
