import type { Notice } from '../../model/notice.ts';
import type { Input } from '../../model/step.ts';
import { editIncident, incidentOf, record, type Work } from '../work.ts';
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
 * Another notifier than the one it was written for carried a notice: its readers are now the ones who were told, and so
 * the ones who have to hear of the end.
 */
export function delivered(work: Work, notice: Notice, by: string): void {
  if (by === notice.notifier || notice.status !== 'firing') return;
  for (const { incident: id } of notice.items) {
    const incident = incidentOf(work, id);
    if (!incident) continue;
    const told = incident.told.filter((name) => name !== notice.notifier && name !== by);
    editIncident(work, id, { told: [...told, by] });
    // It is over already, and its end went to the other one: this one hears of it now.
    if (incident.closedAt !== undefined && !incident.told.includes(by)) {
      editIncident(work, id, { told: [by] });
      oweNotice(work, id, 'recovered');
    }
  }
}
