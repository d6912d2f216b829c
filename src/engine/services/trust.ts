import { shelfEntries } from '../../lib/shelf.ts';
import type { ServiceState } from '../../model/state.ts';
import { mapChecks, withoutGap } from '../checks/pause.ts';
import { incidentsOpen } from '../notices/sweep.ts';
import { edit, record, type Work } from '../work.ts';

/** The agent's opinion of itself. While it does not trust itself nothing counts, nothing is repaired, nothing begins to be told. */
export function setTrust(work: Work, trusted: boolean, reason: string | undefined): void {
  const { now } = work.at;
  const before = work.trust;
  if (before.trusted === trusted && before.reason === reason) return;
  if (before.trusted === trusted) {
    work.trust = { ...before, ...(reason !== undefined && { reason }) };
    return;
  }
  work.trust = { trusted, since: now, ...(reason !== undefined && !trusted && { reason }) };
  record(work, {
    type: trusted ? 'trust' : 'distrust',
    service: '',
    text: trusted ? 'results are trusted again' : `results are not trusted: ${reason ?? 'no reason given'}`,
  });
  if (!trusted) return;
  const gap = now - before.since;
  for (const [name, service] of shelfEntries(work.services)) giveBack(work, name, service, gap);
  incidentsOpen(work);
}

/** Time in which nothing could be told must not end a trial or a start-up, make an unknown old, or count as failing or passing. */
function giveBack(work: Work, name: string, service: ServiceState, gap: number): void {
  const { startup, repair } = service;
  for (const [check, state] of Object.entries(service.checks)) {
    if (state.judgement?.verdict === 'unknown') work.actions.push({ do: 'probe', service: name, check });
  }
  const verifying = repair.verifying;
  edit(work, name, {
    checks: mapChecks(service, (state) => withoutGap(state, gap)),
    startup: startup && { ...startup, until: startup.until + gap },
    repair: verifying ? { ...repair, verifying: { ...verifying, until: verifying.until + gap } } : repair,
  });
}
