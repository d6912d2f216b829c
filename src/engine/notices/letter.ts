import type { Incident, OwedKind } from '../../model/incident.ts';
import type { Notice } from '../../model/notice.ts';
import { incidentOf, type Work } from '../work.ts';
import { digestInstead, hadDigest } from './digest.ts';
import { noticeItem } from './notice-item.ts';
import { noticeTitle } from './notice-title.ts';

/** One message to be: incidents that say the same thing to one notifier. */
export interface Letter {
  readonly notifier: string;
  readonly kind: OwedKind;
  readonly incidents: readonly string[];
}

/** Writes the notice, with everything it says frozen in it, or leaves it to the digest where the limit is reached. */
export function send(work: Work, letter: Letter): void {
  const incidents = letter.incidents.flatMap((id) => incidentOf(work, id) ?? []);
  const [first] = incidents;
  if (!first) return;
  // Who was told in a message of its own gets the end in one, too: no more ends than beginnings, so no flood.
  const promised = isEnd(letter.kind) && !incidents.some((incident) => hadDigest(incident, letter.notifier));
  if (!promised && digestInstead(work, letter.notifier, incidents)) return;
  work.actions.push({ do: 'notify', notice: write(work, letter, first, incidents) });
}

function write(work: Work, letter: Letter, first: Incident, incidents: readonly Incident[]): Notice {
  const { notifier, kind } = letter;
  const items = incidents.map((incident) => noticeItem(work, incident, kind));
  return {
    id: `${first.id}/${first.notices}/${notifier}`,
    notifier,
    kind,
    status: isEnd(kind) ? 'resolved' : 'firing',
    severity: incidents.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
    at: work.at.wall,
    host: work.config.hostName,
    title: noticeTitle(work, kind, incidents),
    items,
  };
}

function isEnd(kind: OwedKind): boolean {
  return kind === 'recovered' || kind === 'closed';
}
