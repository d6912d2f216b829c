import type { Severity } from '../../model/service.ts';
import { oweNotice } from '../notices/owed.ts';
import { editIncident, incidentOf, record, type Work } from '../work.ts';

/** As bad as an incident becomes when nothing helps: what its check says; an explicit `severity: warning` is the limit. */
export function worstSeverity(work: Work, id: string): Severity {
  const incident = incidentOf(work, id);
  const checks = incident && work.index.services.get(incident.service)?.checks;
  return checks?.get(incident?.check ?? '')?.severity ?? 'critical';
}

/** Severity only ever rises; who was told before is told again, and those who want only the worst hear of it now. */
export function raise(work: Work, id: string, severity: Severity, why: string): void {
  const incident = incidentOf(work, id);
  if (!incident || incident.severity === severity || incident.severity === 'critical') return;
  editIncident(work, id, { severity });
  record(work, {
    type: 'severity-raised',
    service: incident.service,
    check: incident.check,
    incident: id,
    severity,
    text: `${incident.service}/${incident.check} is ${severity} now: ${why}`,
  });
  oweNotice(work, id, 'escalated');
}
