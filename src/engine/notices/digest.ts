import { formatDuration } from '../../lib/duration.ts';
import type { Incident } from '../../model/incident.ts';
import type { Notice } from '../../model/notice.ts';
import type { HeldNotice, NotifierRate } from '../../model/state.ts';
import { isEnding } from '../next-wake.ts';
import { editIncident, incidentOf, nextSequence, type Work } from '../work.ts';
import { noticeItem } from './notice-item.ts';
import { rateFreesAt, sentLately } from './rate.ts';

const none: NotifierRate = { sent: [], held: [] };

/**
 * Whether these incidents go into the notifier's next digest because its limit is reached; counts the message when not.
 * Who is told by a digest counts as told.
 */
export function digestInstead(
  work: Work,
  notifier: string,
  incidents: readonly Incident[],
  openings: readonly string[],
): boolean {
  const limit = work.config.notifiers[notifier]?.rateLimit;
  if (!limit) return false;
  const { now } = work.at;
  const rate = work.rates[notifier] ?? none;
  const sent = sentLately(rate, limit, now);
  const full = rateFreesAt(rate, limit, now) > now || rate.held.length > 0;
  if (!full) {
    work.rates = { ...work.rates, [notifier]: { ...rate, sent: [...sent, now] } };
    return false;
  }
  const ids = new Set(incidents.map(({ id }) => id));
  const opening = new Set([...openings, ...rate.held.flatMap((one) => (one.opening ? [one.incident] : []))]);
  const held = [
    ...rate.held.filter(({ incident }) => !ids.has(incident)),
    ...[...ids].map((incident) => ({
      incident,
      at: now,
      ...(opening.has(incident) && { opening: true as const }),
    })),
  ];
  work.rates = { ...work.rates, [notifier]: { sent, held } };
  for (const { id, toldByDigest = [] } of incidents) {
    editIncident(work, id, { toldByDigest: [...new Set([...toldByDigest, notifier])] });
  }
  return true;
}

/** Whether a notifier learned something of an incident by a digest. */
export function hadDigest(incident: Incident, notifier: string): boolean {
  return incident.toldByDigest?.includes(notifier) ?? false;
}

/** Sends the digests whose notifiers may take a message again. */
export function flushDigests(work: Work): void {
  for (const [notifier, rate] of Object.entries(work.rates)) {
    const limit = work.config.notifiers[notifier]?.rateLimit;
    const { now } = work.at;
    const sent = limit ? sentLately(rate, limit, now) : [];
    if (rate.held.length === 0) {
      if (sent.length === 0) work.rates = without(work.rates, notifier);
      continue;
    }
    if (limit && rateFreesAt(rate, limit, now) > now) continue;
    // What has ended and waits for its group to say so comes with the next one: its end is told once.
    const ending = rate.held.filter(({ incident }) => isEnding(incidentOf(work, incident)));
    const ready = rate.held.filter((one) => !ending.includes(one));
    if (ready.length === 0) continue;
    work.rates = { ...work.rates, [notifier]: { sent: [...sent, now], held: ending } };
    if (!work.config.notifiers[notifier]) continue;
    const incidents = ready.flatMap(({ incident }) => incidentOf(work, incident) ?? []);
    if (incidents.length > 0)
      work.actions.push({ do: 'notify', notice: digest(work, notifier, incidents, ready) });
  }
}

function digest(
  work: Work,
  notifier: string,
  incidents: readonly Incident[],
  held: readonly HeldNotice[],
): Notice {
  const opening = new Set(held.flatMap((one) => (one.opening ? [one.incident] : [])));
  const items = incidents.map((incident) => ({
    ...noticeItem(work, incident, incident.closedAt === undefined ? 'failed' : 'recovered'),
    ...(opening.has(incident.id) && { opening: true as const }),
  }));
  const open = items.filter(({ status }) => status === 'firing').length;
  const since = formatDuration(work.at.now - (held[0]?.at ?? work.at.now));
  return {
    id: `digest-${nextSequence(work)}/${notifier}`,
    notifier,
    kind: 'digest',
    status: open > 0 ? 'firing' : 'resolved',
    severity: incidents.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
    at: work.at.wall,
    host: work.config.hostName,
    title: `DIGEST ${open} open, ${items.length - open} over: ${[...new Set(items.map(({ service }) => service))].join(', ')}`,
    items,
    text: `More happened than may be sent at once; these are the ${items.length} incidents of the last ${since}.`,
  };
}

function without<T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  const { [name]: _, ...rest } = all;
  return rest;
}
