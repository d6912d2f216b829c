import type { Incident, OwedKind } from '../../model/incident.ts';
import type { PendingNotice } from '../../model/state.ts';
import { archive } from '../incidents/close-incident.ts';
import { setTimer } from '../timers.ts';
import { decide, editIncident, incidentOf, record, type Work } from '../work.ts';
import { isEndKind } from './heard.ts';
import { type Letter, send } from './letter.ts';
import { type Mute, muteOf } from './mute.ts';
import { settleOwed } from './owed.ts';
import { recipientsOf, wants, whyNobody } from './routing.ts';

/** How soon a muted notice is looked at again when nothing says that its mute has ended. Milliseconds. */
const LOOK_AGAIN = 30_000;

/** Turns what is owed and due into notices: for each notifier one for the incidents of a group that say the same thing. */
export function flushNotices(work: Work): void {
  const { now } = work.at;
  for (const group of work.pending) {
    if (group.due > now && !(work.flush && hasWithheld(work, group))) continue;
    flushGroup(work, group);
  }
  work.flush = false;
}

function hasWithheld(work: Work, group: PendingNotice): boolean {
  return group.incidents.some((id) => incidentOf(work, id)?.withheld !== undefined);
}

function flushGroup(work: Work, group: PendingNotice): void {
  const { now } = work.at;
  const letters = new Map<string, Letter>();
  const rest: string[] = [];
  let due = now + LOOK_AGAIN;
  for (const id of group.incidents) {
    const incident = incidentOf(work, id);
    if (!incident?.owed) continue;
    const mute = isEndKind(incident.owed.kind) ? undefined : muteOf(work, incident);
    if (mute) {
      withhold(work, incident, mute);
      rest.push(id);
      due = Math.min(due, Math.max(now + 1, mute.until ?? due));
      continue;
    }
    address(work, incident, letters);
    if (incident.closedAt !== undefined) archive(work, id);
  }
  const others = work.pending.filter(({ key }) => key !== group.key);
  work.pending = rest.length === 0 ? others : [...others, { ...group, due, incidents: rest }];
  for (const letter of letters.values()) send(work, letter);
}

/** Puts one incident into the letters of everybody who is to hear of it. */
function address(work: Work, incident: Incident, letters: Map<string, Letter>): void {
  const { id, owed, told } = incident;
  if (!owed) return;
  const readers = isEndKind(owed.kind) ? endReaders(work, incident) : beginReaders(work, incident);
  settleOwed(work, id);
  if (readers.length === 0) {
    nobody(work, incident, owed.kind);
    return;
  }
  editIncident(work, id, {
    notices: incident.notices + 1,
    toldAt: work.at.now,
    ...(!isEndKind(owed.kind) && { told: [...new Set([...told, ...readers.map(({ name }) => name)])] }),
  });
  setTimer(work, incident.service);
  for (const { name: notifier, kind, opening } of readers) {
    const key = `${notifier}\n${kind}`;
    const letter = letters.get(key) ?? { notifier, kind, incidents: [], openings: [] };
    const openings = opening ? [...letter.openings, id] : letter.openings;
    letters.set(key, { ...letter, incidents: [...letter.incidents, id], openings });
  }
  const names = readers.map(({ name }) => name).join(', ');
  decide(work, incident.service, 'notice', `${id} ${owed.kind}: told ${names}`, aboutOf(incident));
}

interface Reader {
  readonly name: string;
  readonly kind: OwedKind;
  /** Hears of it for the first time. */
  readonly opening: boolean;
}

/** Everybody whom routing names; who was told before hears what is new, the others hear of it for the first time. */
function beginReaders(work: Work, incident: Incident): readonly Reader[] {
  const { owed, told, about } = incident;
  if (!owed) return [];
  const kind = owed.kind;
  const first: OwedKind = about === 'unknown' ? 'unknown' : 'failed';
  const opens = kind === 'failed' || kind === 'unknown';
  const readers: Reader[] = [];
  for (const name of recipientsOf(work, incident)) {
    const opening = !told.includes(name);
    if (opening) readers.push({ name, kind: kind === 'reminder' ? 'reminder' : first, opening });
    else if (!opens) readers.push({ name, kind, opening });
  }
  for (const name of owed.extra) {
    if (readers.some((reader) => reader.name === name) || !work.config.notifiers[name]) continue;
    readers.push({ name, kind: 'escalated', opening: !told.includes(name) });
  }
  return readers;
}

/** Everybody who was told that it began, for as long as such a notifier exists and wants to hear of ends. */
function endReaders(work: Work, incident: Incident): readonly Reader[] {
  const { told, owed } = incident;
  const names = told.length > 0 ? told : recipientsOf(work, incident);
  return names
    .filter((name) => work.config.notifiers[name]?.sendResolved ?? false)
    .filter((name) => told.length > 0 || wants(work.config, name, incident.severity))
    .map((name) => ({ name, kind: owed?.kind ?? 'recovered', opening: false }));
}

function withhold(work: Work, incident: Incident, { key, why, lasting }: Mute): void {
  if (incident.withheldBy === key) return;
  editIncident(work, incident.id, { withheld: why, withheldBy: key });
  const text = `${incident.id} is not told: ${why}`;
  decide(work, incident.service, 'noNotice', text, {
    ...aboutOf(incident),
    key,
    ...(lasting !== undefined && { lasting: `${incident.id} is not told: ${lasting}` }),
  });
  record(work, {
    type: 'notice-withheld',
    service: incident.service,
    check: incident.check,
    incident: incident.id,
    text,
  });
}

function nobody(work: Work, incident: Incident, kind: OwedKind): void {
  const text = `${incident.id} ${kind}: ${whyNobody(work, incident)}`;
  decide(work, incident.service, 'noNotice', text, aboutOf(incident));
  if (isEndKind(kind) || incident.told.length > 0) return;
  record(work, {
    type: 'notice-withheld',
    service: incident.service,
    check: incident.check,
    incident: incident.id,
    text,
  });
}

function aboutOf({ id, check }: Incident): { readonly check: string; readonly incident: string } {
  return { check, incident: id };
}
