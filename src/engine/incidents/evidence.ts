import type { Input } from '../../model/step.ts';
import { editIncident, incidentOf, openIncidents, serviceOf, type Work } from '../work.ts';
import { note } from './timeline.ts';

/** The evidence of an incident is stored under a name; later notices carry it. The newest pack is the one shown first. */
export function evidenceCaptured(work: Work, input: Extract<Input, { type: 'evidence-captured' }>): void {
  if (!incidentOf(work, input.incident)) return;
  editIncident(work, input.incident, { evidence: input.evidence, evidenceSummary: input.summary });
  note(work, input.incident, `evidence captured: ${input.summary}`);
}

/**
 * Has what is to be seen captured for incidents that no repair begins for just now: a repair brings a pack of its own,
 * but nobody may ever repair this one. Once when it warns and once when it fails; never for what could not be told.
 */
export function considerEvidence(work: Work, name: string): void {
  const service = serviceOf(work, name);
  if (!service) return;
  for (const { id, about, check, summary, repairs, lookedAt, upAt } of openIncidents(work, service)) {
    if (about === 'unknown' || lookedAt === about || lookedAt === 'failing') continue;
    if (repairs.length > 0 || upAt !== undefined) continue;
    editIncident(work, id, { lookedAt: about });
    const failing = about === 'failing';
    work.actions.push({
      do: 'capture',
      service: name,
      incident: id,
      evidence: `${id}-${about}`,
      reason: `${check} is ${failing ? 'down' : 'in a state to warn of'}: ${summary}`,
      // A core dump, say, is worth it for a failure only.
      commands: failing,
    });
  }
}
