import type { Incident } from '../../model/incident.ts';
import type { Input } from '../../model/step.ts';
import { editIncident, incidentOf, record, type Work } from '../work.ts';
import { opens } from './heard.ts';
import { oweNotice } from './owed.ts';
import { endTrouble, notifierTrouble, tellTrouble } from './trouble.ts';

/** A notifier broke or works again; the others carry that news. */
export function deliveryChanged(work: Work, input: Extract<Input, { type: 'delivery' }>): void {
  const { notifier, working, reason = 'no reason given' } = input;
  const key = notifierTrouble(notifier);
  if (working === (work.troubles[key] === undefined)) return;
  record(work, {
    type: working ? 'notifier-recovered' : 'notifier-failed',
    service: '',
    text: working
      ? `notifier ${notifier} works again`
      : `notifier ${notifier} does not get through: ${reason}`,
  });
  if (working) {
    endTrouble(work, key, `UP notifier ${notifier}`, `Notifier ${notifier} works again.`);
  } else {
    const text = `Notices through ${notifier} do not get through: ${reason}. They are kept and tried again.`;
    tellTrouble(work, key, `DOWN notifier ${notifier}: ${reason}`, text, notifier);
  }
}

/**
 * Who really heard a notice has to hear of the end. Its own notifier has not, where another one carried the first notice of
 * an incident: its readers know nothing of it.
 */
export function delivered(work: Work, input: Extract<Input, { type: 'delivered' }>): void {
  const { notice, by, perhaps = [] } = input;
  if (notice.status !== 'firing') return;
  for (const item of notice.items) {
    const incident = incidentOf(work, item.incident);
    if (!incident || item.status !== 'firing') continue;
    if (by === notice.notifier && !opens(item)) {
      editIncident(work, incident.id, { heard: [...new Set([...(incident.heard ?? []), by])] });
    }
    const readers = [by, ...perhaps];
    const knows = readers.includes(notice.notifier) || incident.heard?.includes(notice.notifier);
    const without = opens(item) && !knows ? notice.notifier : undefined;
    hear(work, incident, readers, without);
  }
}

function hear(
  work: Work,
  { id, told, closedAt, owed }: Incident,
  by: readonly string[],
  without?: string,
): void {
  const news = by.filter((name) => !told.includes(name));
  const over = closedAt !== undefined && owed === undefined;
  if (!over) {
    editIncident(work, id, { told: [...new Set([...told.filter((name) => name !== without), ...by])] });
  } else if (news.length > 0) {
    // It is over already, and the others know: these hear of it now.
    editIncident(work, id, { told: news });
    oweNotice(work, id, incidentOf(work, id)?.closedBecause === 'recovered' ? 'recovered' : 'closed');
  }
}
