import { shelfEntries } from '../../lib/shelf.ts';
import type { Work } from '../work.ts';

/** Something changed that any open incident may have waited for: looks at their services and at owed notices again. */
export function incidentsOpen(work: Work): void {
  for (const [, incident] of shelfEntries(work.incidents)) {
    if (incident.closedAt === undefined) work.dirty.add(incident.service);
  }
  work.flush = true;
}
