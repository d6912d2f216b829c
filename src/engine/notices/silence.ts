import type { Silence } from '../../model/state.ts';
import { nextSequence, record, type Work } from '../work.ts';
import { incidentsOpen } from './sweep.ts';

/** Takes a new silence in and gives it its id. */
export function addSilence(work: Work, silence: Omit<Silence, 'id'>): void {
  const added: Silence = { ...silence, id: `silence-${nextSequence(work)}` };
  work.silences = [...work.silences, added];
  record(work, { type: 'silenced', service: '', text: `${added.id} by ${added.by}: ${describe(added)}` });
}

/** Ends a silence before its time; nothing where there is none of that id. */
export function removeSilence(work: Work, id: string, by: string): void {
  end(work, (silence) => silence.id === id, `ended by ${by}`);
}

/** Silences whose time is over; what they kept back is looked at again. */
export function considerSilences(work: Work): void {
  if (work.silences.length > 0) end(work, ({ until }) => until <= work.at.wall, 'is over');
}

function end(work: Work, which: (silence: Silence) => boolean, how: string): void {
  const ended = work.silences.filter(which);
  if (ended.length === 0) return;
  work.silences = work.silences.filter((silence) => !which(silence));
  for (const { id } of ended) record(work, { type: 'silence-ended', service: '', text: `${id} ${how}` });
  incidentsOpen(work);
}

function describe({ services, checks, labels, comment, noRepair }: Silence): string {
  const parts = [
    ...services,
    ...checks,
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  ];
  const what = parts.length === 0 ? 'everything' : parts.join(', ');
  return `${what}${noRepair ? ', repairs too' : ''}${comment === '' ? '' : ` (${comment})`}`;
}
