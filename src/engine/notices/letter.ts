import type { Incident, OwedKind } from '../../model/incident.ts';
import type { Notice } from '../../model/notice.ts';
import { incidentOf, type Work } from '../work.ts';
import { digestInstead, hadDigest } from './digest.ts';
import { isEndKind } from './heard.ts';
import { noticeItem } from './notice-item.ts';
import { noticeTitle } from './notice-title.ts';

/** One message to be: incidents that say the same thing to one notifier. */
export interface Letter {
  readonly notifier: string;
  readonly kind: OwedKind;
  readonly incidents: readonly string[];
  /** Those of which its reader hears for the first time. */
  readonly openings: readonly string[];
}

/** Writes the notice, with everything it says frozen in it, or leaves it to the digest where the limit is reached. */
export function send(work: Work, letter: Letter): void {
  const incidents = letter.incidents.flatMap((id) => incidentOf(work, id) ?? []);
  const [first] = incidents;
  if (!first) return;
  // Who was told in a message of its own gets the end in one, too: no more ends than beginnings, so no flood.
  const promised =
    isEndKind(letter.kind) && !incidents.some((incident) => hadDigest(incident, letter.notifier));
  if (!promised && digestInstead(work, letter.notifier, incidents, letter.openings)) return;
  work.actions.push({ do: 'notify', notice: write(work, letter, first, incidents) });
}

function write(work: Work, letter: Letter, first: Incident, incidents: readonly Incident[]): Notice {
  const { notifier, kind } = letter;
  const items = incidents.map((incident) => ({
    ...noticeItem(work, incident, kind),
    ...(letter.openings.includes(incident.id) && { opening: true as const }),
  }));
  const alsoTold = isEndKind(kind) || isBeginning(letter) ? othersTold(work, letter, incidents) : [];
  return {
    id: `${first.id}/${first.notices}/${notifier}`,
    notifier,
    kind,
    status: isEndKind(kind) ? 'resolved' : 'firing',
    severity: incidents.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
    at: work.at.wall,
    host: work.config.hostName,
    title: noticeTitle(work, kind, incidents),
    items,
    ...(alsoTold.length > 0 && { alsoTold }),
  };
}

/** Whether it says of nothing but what its reader hears of for the first time, as everybody else does. */
function isBeginning({ kind, incidents, openings }: Letter): boolean {
  return (kind === 'failed' || kind === 'unknown') && incidents.every((id) => openings.includes(id));
}

/** Who gets the beginning, or the end, of all of these incidents in a notice of his own. */
function othersTold(
  work: Work,
  { notifier, kind }: Letter,
  incidents: readonly Incident[],
): readonly string[] {
  const [first, ...others] = incidents;
  return (first?.told ?? []).filter(
    (name) =>
      name !== notifier &&
      (!isEndKind(kind) || work.config.notifiers[name]?.sendResolved === true) &&
      others.every(({ told }) => told.includes(name)),
  );
}
