import { readFileSync } from 'node:fs';
import type { OutboxEntry } from '../../../src/engine/notices/delivery.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { readJournal } from '../../../src/state/read-journal.ts';
import type { Receivers } from '../receivers.ts';

/** One notice as it reached one receiver. */
export interface Arrival {
  readonly notifier: string;
  readonly id: string;
  readonly kind: string;
  readonly status: 'firing' | 'resolved';
  readonly incidents: readonly string[];
}

/** What the files of a dead agent promise. */
export interface Snapshot {
  /** Notices written down and not yet noted as delivered. */
  readonly waiting: readonly { readonly notifier: string; readonly id: string }[];
  /** Incidents and whom the agent counts as told that they began. */
  readonly told: readonly { readonly incident: string; readonly notifiers: readonly string[] }[];
  readonly outcome: 'whole' | 'damaged' | 'foreign';
}

/** Reads the state that a killed agent left. A file that is not there yet promises nothing. */
export function snapshotOf(path: string): Snapshot {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return { waiting: [], told: [], outcome: 'whole' };
  }
  const { entries, outcome } = readJournal(bytes);
  const below = (prefix: string): unknown[] =>
    [...entries].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
  return {
    outcome,
    waiting: (below('outbox/') as OutboxEntry[]).map(({ notice: { notifier, id } }) => ({ notifier, id })),
    told: (below('incident/') as Incident[]).map(({ id, told }) => ({ incident: id, notifiers: told })),
  };
}

/** How many messages each receiver had at some moment. */
export interface Counts {
  readonly mails: number;
  readonly webhooks: number;
}

export function countsOf(receivers: Receivers): Counts {
  return { mails: receivers.mails.length, webhooks: receivers.webhooks.length };
}

/** What reached a receiver since `from`, in order of arrival, under the names of the notifiers `mail` and `hook`. */
export function arrivalsAt(
  receivers: Receivers,
  from: Counts = { mails: 0, webhooks: 0 },
): readonly Arrival[] {
  const mails = receivers.mails.slice(from.mails).map(({ headers }): Arrival => {
    const kind = headers['x-watcher-kind'] ?? '';
    return {
      notifier: 'mail',
      id: headers['x-watcher-notice'] ?? '',
      kind,
      status: kind === 'recovered' || kind === 'closed' ? 'resolved' : 'firing',
      incidents: [...(headers['references'] ?? '').matchAll(/<incident\.([^@]+)@/g)].map(
        ([, id]) => id ?? '',
      ),
    };
  });
  const hooks = receivers.webhooks.slice(from.webhooks).map(({ alerts, status }): Arrival => {
    const annotations = alerts.map((alert) => alert.annotations);
    return {
      notifier: 'hook',
      id: annotations[0]?.['notice'] ?? '',
      kind: annotations[0]?.['kind'] ?? '',
      status,
      incidents: annotations.flatMap(({ incident }) => (incident === undefined ? [] : [incident])),
    };
  });
  return [...mails, ...hooks];
}

export interface Audit {
  readonly notices: number;
  /** Arrivals of a notice that had arrived before. */
  readonly again: number;
  readonly incidents: number;
  /** Sentences about what must not have happened; empty when all is well. */
  readonly wrong: readonly string[];
}

/** Holds what arrived against what was promised at each death. */
export function audit(arrivals: readonly Arrival[], deaths: readonly Snapshot[]): Audit {
  const wrong: string[] = [];
  const counts = new Map<string, number>();
  for (const { notifier, id } of arrivals) {
    const key = `${notifier} ${id}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  wrong.push(...lostOrDoubled(counts, deaths));
  const courses = coursesOf(arrivals);
  wrong.push(...[...courses].flatMap(([name, course]) => flawsOf(name, course)));
  for (const { told } of deaths) {
    for (const { incident, notifiers } of told) {
      for (const notifier of notifiers) {
        if (!courses.has(`${incident} at ${notifier}`)) wrong.push(`${incident} never reached ${notifier}`);
      }
    }
  }
  return {
    notices: counts.size,
    again: arrivals.length - counts.size,
    incidents: new Set(arrivals.flatMap(({ incidents }) => incidents)).size,
    wrong: [...new Set(wrong)],
  };
}

/** A notice may come once more for each death at which its delivery was not noted yet, and never more often. */
function lostOrDoubled(counts: ReadonlyMap<string, number>, deaths: readonly Snapshot[]): readonly string[] {
  const windows = new Map<string, number>();
  for (const { waiting } of deaths) {
    for (const { notifier, id } of waiting) {
      const key = `${notifier} ${id}`;
      windows.set(key, (windows.get(key) ?? 0) + 1);
    }
  }
  const lost = [...windows.keys()].filter((key) => !counts.has(key)).map((key) => `${key} was lost`);
  const doubled = [...counts]
    .filter(([key, times]) => times > 1 + (windows.get(key) ?? 0))
    .map(
      ([key, times]) => `${key} came ${times} times, with ${windows.get(key) ?? 0} deaths before its note`,
    );
  return [...lost, ...doubled];
}

/** What one receiver was told of one incident, each notice once, in order. */
function coursesOf(arrivals: readonly Arrival[]): ReadonlyMap<string, readonly Arrival[]> {
  const courses = new Map<string, Arrival[]>();
  for (const arrival of arrivals) {
    for (const incident of arrival.incidents) {
      const key = `${incident} at ${arrival.notifier}`;
      const course = courses.get(key) ?? [];
      if (!course.some(({ id }) => id === arrival.id)) course.push(arrival);
      courses.set(key, course);
    }
  }
  return courses;
}

function flawsOf(name: string, course: readonly Arrival[]): readonly string[] {
  const story = course.map(({ kind }) => kind).join(', ');
  const ends = course.filter(({ status }) => status === 'resolved').length;
  const begins = course.filter(({ kind }) => kind === 'failed').length;
  const flaws: string[] = [];
  if (ends === 0) flaws.push(`${name}: told down and never recovered (${story})`);
  if (ends > 1) flaws.push(`${name}: told ${ends} ends (${story})`);
  if (begins > 1) flaws.push(`${name}: told ${begins} beginnings (${story})`);
  if (ends === 1 && course.at(-1)?.status !== 'resolved')
    flaws.push(`${name}: news after its end (${story})`);
  return flaws;
}
