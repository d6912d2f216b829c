import type { TimelineEntry } from '../../model/incident.ts';
import { editIncident, incidentOf, type Work } from '../work.ts';

/** The beginning of a long incident tells most, then its end. */
const KEEP_FIRST = 20;
const KEEP = 200;

/** Adds a line to what happened in an incident. */
export function note(work: Work, id: string, text: string): void {
  const incident = incidentOf(work, id);
  if (!incident) return;
  editIncident(work, id, { timeline: withEntry(incident.timeline, { at: work.at.now, text }) });
}

function withEntry(timeline: readonly TimelineEntry[], entry: TimelineEntry): readonly TimelineEntry[] {
  if (timeline.length < KEEP) return [...timeline, entry];
  return [...timeline.slice(0, KEEP_FIRST), ...timeline.slice(KEEP_FIRST + 1), entry];
}
