import { getFromShelf } from '../../lib/shelf.ts';
import type { Notice, NoticeItem } from '../../model/notice.ts';
import type { EngineState } from '../../model/state.ts';
import type { Input } from '../../model/step.ts';
import type { OutboxEntry } from './delivery.ts';

/**
 * What the engine has to know of a notice that `by` carried: who heard it, where that is not simply the one it was
 * written for. Undefined when there is nothing to know.
 */
export function newsOf({ notice, perhaps = [] }: OutboxEntry, by: string): Input | undefined {
  if (notice.status !== 'firing' || notice.items.length === 0) return undefined;
  const others = perhaps.filter((name) => name !== by);
  const asWritten = by === notice.notifier && others.length === 0;
  if (asWritten && notice.items.every(({ opening }) => opening)) return undefined;
  return { type: 'delivered', notice, by, ...(others.length > 0 && { perhaps: others }) };
}

/** An end that is not to be told as it was written. */
export interface Orphan {
  readonly entry: OutboxEntry;
  /** What is left to tell; nothing where it was about nothing else. */
  readonly left?: OutboxEntry;
}

/**
 * After a notice that something is down was carried by another notifier: the ends that still wait for its own one, which
 * nobody there would understand, as it never heard of the beginning. To be dropped, or told without them; the engine
 * writes the end to the one that knows. `state` knows who heard of it all the same, by a later notice.
 */
export function orphans(
  entries: Iterable<OutboxEntry>,
  { notice, perhaps = [] }: Pick<OutboxEntry, 'notice' | 'perhaps'>,
  state: Pick<EngineState, 'incidents'>,
): readonly Orphan[] {
  if (perhaps.includes(notice.notifier)) return [];
  const unheard = new Set(
    notice.items
      .filter(opens)
      .map(({ incident }) => incident)
      .filter((id) => getFromShelf(state.incidents, id)?.heard?.includes(notice.notifier) !== true),
  );
  const found: Orphan[] = [];
  for (const entry of entries) {
    const { notifier, status, items } = entry.notice;
    if (notifier !== notice.notifier || status !== 'resolved') continue;
    const known = items.filter(({ incident }) => !unheard.has(incident));
    if (known.length === items.length) continue;
    if (known.length === 0) found.push({ entry });
    else
      found.push({
        entry,
        left: { ...entry, notice: { ...entry.notice, items: known, title: endTitle(entry.notice, known) } },
      });
  }
  return found;
}

/** The subject line of an end that some of its incidents were taken out of: the same state, and what is left. */
function endTitle({ title }: Notice, items: readonly NoticeItem[]): string {
  const [word = ''] = title.split(' ', 1);
  return `${word} ${items.map(({ service, check }) => `${service}/${check}`).join(', ')}`;
}

/** Whether a reader who did not get it has not heard of the incident at all. */
export function opens({ opening, status }: NoticeItem): boolean {
  return opening === true && status === 'firing';
}

/** Whether the kinds of notice are such that the incident is over. */
export function isEndKind(kind: Notice['kind']): boolean {
  return kind === 'recovered' || kind === 'closed';
}
