import { formatDuration } from '../../lib/duration.ts';
import { takeFromShelf } from '../../lib/shelf.ts';
import type { Incident } from '../../model/incident.ts';
import { muteOf } from '../notices/mute.ts';
import { oweNotice, settleOwed } from '../notices/owed.ts';
import { endStandDown } from '../repairs/stand-down.ts';
import {
  edit,
  editCheck,
  editIncident,
  incidentOf,
  openIncidents,
  record,
  serviceOf,
  type Work,
} from '../work.ts';
import { note } from './timeline.ts';

/** So many closed incidents stay with the state, for `watcher incident` and for late digests. */
const KEEP_CLOSED = 200;

/** Closes an incident; `how` is `closed` when it ends without the check being up. */
export function closeIncident(
  work: Work,
  id: string,
  how: 'recovered' | 'closed',
  because: string,
  name: string,
): void {
  const before = incidentOf(work, id);
  if (!before || before.closedAt !== undefined) return;
  const { now } = work.at;
  const lasted = formatDuration((before.upAt ?? now) - before.failingSince);
  editIncident(work, id, { closedAt: now, closedBecause: because });
  editCheck(work, name, before.check, { incident: undefined });
  const text = `${name}/${before.check} ${how === 'recovered' ? 'is up again' : because} after ${lasted}`;
  record(work, { type: how, service: name, check: before.check, incident: id, text });
  note(work, id, text);
  owe(work, before, how);
  afterwards(work, name, now);
}

/**
 * Whoever was told that it began is told that it ended, whatever else is muted. Who was not told needs not know, with
 * one exception: a failure that was repaired so quickly that its notice still waited for its group.
 */
function owe(work: Work, incident: Incident, how: 'recovered' | 'closed'): void {
  const { id, owed } = incident;
  if (incident.told.length > 0) {
    oweNotice(work, id, how);
    return;
  }
  const waits = owed?.kind === 'failed' || owed?.kind === 'unknown';
  const repaired = incident.repairs.length > 0 && how === 'recovered';
  if (waits && repaired && muteOf(work, incident) === undefined) {
    oweNotice(work, id, how);
    return;
  }
  settleOwed(work, id);
  if (waits) {
    record(work, {
      type: 'notice-withheld',
      service: incident.service,
      check: incident.check,
      incident: id,
      text: `nobody was told of ${id}: ${incident.withheld ?? 'it was over before its notice was due'}`,
    });
  }
  archive(work, id);
}

/** Health begins, and with it forgiveness, when the last failing incident of a service is over. */
function afterwards(work: Work, name: string, now: number): void {
  const service = serviceOf(work, name);
  if (!service || openIncidents(work, service).some(({ about }) => about === 'failing')) return;
  // A warning that came and went meanwhile is no break in health: nothing was repaired for it.
  const { healthySince = now } = service.repair;
  edit(work, name, { repair: { ...service.repair, healthySince } });
  endStandDown(work, name, 'nothing is wrong with it any more');
}

/** Puts an incident that owes nothing among the closed ones, and drops the oldest of those. */
export function archive(work: Work, id: string): void {
  if (work.closed.includes(id)) return;
  const closed = [...work.closed, id];
  const digests = new Set(
    Object.values(work.rates).flatMap(({ held }) => held.map(({ incident }) => incident)),
  );
  const old = closed.slice(0, Math.max(0, closed.length - KEEP_CLOSED)).filter((one) => !digests.has(one));
  for (const one of old) work.incidents = takeFromShelf(work.incidents, one);
  work.closed = old.length === 0 ? closed : closed.filter((one) => !old.includes(one));
}
