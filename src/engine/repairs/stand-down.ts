import { formatDuration } from '../../lib/duration.ts';
import { raise, worstSeverity } from '../incidents/raise.ts';
import { note } from '../incidents/timeline.ts';
import { oweNotice } from '../notices/owed.ts';
import { edit, record, serviceOf, type Work } from '../work.ts';
import { recentAttempts } from './budget.ts';

/** No more repairs: they are spent or do not help. People are told once; a retry that fails rests again in silence. */
export function standDown(work: Work, name: string, incident: string, why: string): void {
  const service = serviceOf(work, name);
  const budget = work.index.services.get(name)?.service.budget;
  if (!service || !budget) return;
  const { now } = work.at;
  const first = service.repair.stoodDownAt === undefined;
  edit(work, name, { repair: { ...service.repair, stoodDownAt: now } });
  const count = recentAttempts(service.repair, budget, now).length;
  const spent = `${count} of ${budget.attempts} repairs in ${formatDuration(budget.window)} are spent`;
  const text = first ? `stood down: ${spent}; ${why}` : `stood down again: ${why}`;
  const severity = worstSeverity(work, incident);
  record(work, {
    type: 'stood-down',
    service: name,
    incident,
    severity,
    text: `${name} ${text}`,
  });
  note(work, incident, text);
  if (first) oweNotice(work, incident, 'stood-down');
  raise(work, incident, severity, text);
}

/** A human, or recovery, makes it start from the beginning. `attempts` stay: the window is what keeps a night quiet. */
export function endStandDown(work: Work, name: string, why: string): void {
  const service = serviceOf(work, name);
  if (service?.repair.stoodDownAt === undefined) return;
  edit(work, name, { repair: { ...service.repair, stoodDownAt: undefined, secondTries: 0 } });
  record(work, { type: 'repair-resumed', service: name, text: `${name} may be repaired again: ${why}` });
}
