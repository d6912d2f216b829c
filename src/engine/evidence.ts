import type { Input } from '../model/step.ts';
import { note } from './timeline.ts';
import { editIncident, incidentOf, type Work } from './work.ts';

/** The evidence of an incident is stored under a name; later notices carry it. The newest pack is the one shown first. */
export function evidenceCaptured(work: Work, input: Extract<Input, { type: 'evidence-captured' }>): void {
  if (!incidentOf(work, input.incident)) return;
  editIncident(work, input.incident, { evidence: input.evidence, evidenceSummary: input.summary });
  note(work, input.incident, `evidence captured: ${input.summary}`);
}
