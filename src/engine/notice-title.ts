import { formatDuration } from '../lib/duration.ts';
import type { Incident, OwedKind, RepairRecord } from '../model/incident.ts';
import { downSince } from './since.ts';
import type { Work } from './work.ts';

/** The subject line: the state first, then what it is about. */
export function noticeTitle(work: Work, kind: OwedKind, incidents: readonly Incident[]): string {
  const [first] = incidents;
  if (!first) return '';
  const word = wordFor(kind, incidents);
  if (incidents.length === 1) return `${word} ${first.service}/${first.check}${tail(work, kind, first)}`;
  const services = [...new Set(incidents.map(({ service }) => service))];
  const [only] = services;
  if (services.length === 1) return `${word} ${only}: ${incidents.map(({ check }) => check).join(', ')}`;
  return `${word} ${services.length} services: ${services.join(', ')}`;
}

function wordFor(kind: OwedKind, incidents: readonly Incident[]): string {
  const failing = incidents.some(({ about }) => about === 'failing');
  const begin = failing ? 'DOWN' : incidents.some(({ about }) => about === 'warning') ? 'WARNING' : 'UNKNOWN';
  switch (kind) {
    case 'recovered':
      return 'UP';
    case 'closed':
      return 'CLOSED';
    case 'stood-down':
      return 'STOOD DOWN';
    case 'reminder':
      return `STILL ${begin}`;
    case 'escalated':
      return incidents.some(({ repairs }) => repairs.some(isFailed)) ? `STILL ${begin}` : begin;
    default:
      return begin;
  }
}

/** A repair that did not help: that is what is new. */
function isFailed({ outcome }: RepairRecord): boolean {
  return outcome === 'failed' || outcome === 'not-held';
}

function tail(work: Work, kind: OwedKind, incident: Incident): string {
  const { failingSince, upAt, closedAt, summary, closedBecause, repairs } = incident;
  const end = upAt ?? closedAt ?? work.at.now;
  const lasted = formatDuration(Math.max(0, end - failingSince));
  if (kind === 'recovered') {
    const last = repairs.at(-1);
    return ` after ${lasted}${last?.outcome === 'held' ? `, ${last.kind} held` : ''}`;
  }
  if (kind === 'closed') return `: ${closedBecause ?? 'closed'}, after ${lasted}`;
  if (kind === 'reminder')
    return ` for ${formatDuration(Math.max(0, end - downSince(incident)))}: ${summary}`;
  const failed = repairs.findLast(isFailed);
  if (failed && (kind === 'stood-down' || kind === 'escalated')) {
    const how = failed.outcome === 'not-held' ? 'did not hold' : 'failed';
    return `: ${failed.kind} ${how}: ${failed.detail}`;
  }
  return `: ${summary}`;
}
