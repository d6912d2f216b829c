import { formatDuration } from '../../lib/duration.ts';
import type { Incident } from '../../model/incident.ts';
import { muteOf } from '../notices/mute.ts';
import { nextStep } from '../notices/notice-item.ts';
import { rateFreesAt } from '../notices/rate.ts';
import { recipientsOf, whyNobody } from '../notices/routing.ts';
import { notifierTrouble } from '../notices/trouble.ts';
import type { Work } from '../work.ts';

/** Who has heard of an open incident, who has not and why, and what comes next. */
export function whyNotice(work: Work, incident: Incident): readonly string[] {
  const { id, severity, told, failingSince, upAt, owed, acknowledged } = incident;
  const lines = [`Incident ${id} (${severity}) is open for ${span(work.at.now - failingSince)}.`];
  lines.push(told.length > 0 ? `Told so far: ${told.join(', ')}.` : 'Nobody has been told yet.');
  const mute = muteOf(work, incident);
  if (mute) lines.push(`No notices just now: ${mute.why}.`);
  else if (owed) {
    const group = work.pending.find(({ incidents }) => incidents.includes(id));
    lines.push(`A notice (${owed.kind}) goes out in ${span((group?.due ?? 0) - work.at.now)}.`);
  } else if (told.length === 0 && recipientsOf(work, incident).length === 0) {
    lines.push(`Nobody will be told: ${whyNobody(work, incident)}.`);
  }
  const until = acknowledged?.until;
  if (until !== undefined) lines.push(`The acknowledgement ends in ${span(until - work.at.wall)}.`);
  lines.push(...heldForDigests(work, id), ...brokenNotifiers(work, told));
  if (upAt !== undefined) lines.push('It passes again; the incident closes when the repair has held.');
  else lines.push(`Next: ${nextStep(work, incident)}.`);
  return lines;
}

/** Counted as told, but in the digest of a notifier that has sent as much as it may. */
function heldForDigests(work: Work, id: string): readonly string[] {
  return Object.entries(work.rates).flatMap(([notifier, rate]) => {
    const limit = work.config.notifiers[notifier]?.rateLimit;
    if (!limit || !rate.held.some(({ incident }) => incident === id)) return [];
    const frees = rateFreesAt(rate, limit, work.at.now);
    return [
      `${notifier} hears of it in a digest in ${span(frees - work.at.now)}: no more than ${limit.messages} ${limit.messages === 1 ? 'message' : 'messages'} in ${formatDuration(limit.window)} go there.`,
    ];
  });
}

/** Told as far as the rules go; the notices themselves wait in the outbox. */
function brokenNotifiers(work: Work, told: readonly string[]): readonly string[] {
  return told.flatMap((name) => {
    const trouble = work.troubles[notifierTrouble(name)];
    return trouble ? [`For ${span(work.at.now - trouble.since)}: ${trouble.text}`] : [];
  });
}

function span(ms: number): string {
  return formatDuration(Math.max(0, ms));
}
