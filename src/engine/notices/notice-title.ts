import { formatDuration } from '../../lib/duration.ts';
import type { Incident, OwedKind, RepairRecord } from '../../model/incident.ts';
import { downSince } from '../checks/since.ts';
import type { Work } from '../work.ts';

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
      return 'NEEDS YOU';
    case 'reminder':
      return `STILL ${begin}`;
    case 'escalated':
      return incidents.some(isNoNews) ? `STILL ${begin}` : begin;
    default:
      return begin;
  }
}

/** It is as it was: what is new is that a repair did not help, or that nobody has taken it. */
function isNoNews({ repairs, escalations }: Incident): boolean {
  return escalations > 0 || repairs.some(isFailed);
}

function isFailed({ outcome }: RepairRecord): boolean {
  return outcome === 'failed' || outcome === 'not-held';
}

function tail(work: Work, kind: OwedKind, incident: Incident): string {
  const { failingSince, upAt, closedAt, summary, closedBecause, repairs, escalations } = incident;
  const end = upAt ?? closedAt ?? work.at.now;
  const span = (from: number): string => formatDuration(Math.max(0, end - from));
  const failed = repairs.filter(isFailed);
  const last = failed.at(-1);
  switch (kind) {
    case 'recovered': {
      const held = repairs.at(-1)?.outcome === 'held' ? `, ${repairs.at(-1)?.kind} held` : '';
      return ` after ${span(failingSince)}${held}`;
    }
    case 'closed':
      return `: ${closedBecause ?? 'closed'}, after ${span(failingSince)}`;
    case 'reminder':
      return ` for ${span(downSince(incident))}: ${summary}`;
    case 'stood-down': {
      if (repairs.at(-1)?.kind === 'stop' && repairs.at(-1)?.outcome === 'held')
        return `: stopped by its repair, somebody has to start it: ${summary}`;
      if (!last) return `: ${summary}`;
      const many = failed.length === 1 ? `a ${last.kind}` : `${failed.length} repairs`;
      return `: ${many} did not help: ${summary}`;
    }
    case 'escalated': {
      if (escalations > 0) return ` for ${span(downSince(incident))}, nobody has taken it: ${summary}`;
      if (!last) return `: ${summary}`;
      return `: ${last.kind} ${last.outcome === 'not-held' ? 'did not hold' : 'failed'}: ${last.detail}`;
    }
    default:
      return `: ${summary}`;
  }
}
