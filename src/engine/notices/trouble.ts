import { formatDuration } from '../../lib/duration.ts';
import type { Notice } from '../../model/notice.ts';
import { nextSequence, record, toWall, type Work } from '../work.ts';
import { wants } from './routing.ts';

const NOTIFIER = 'notifier/';

/** Tells of a trouble of the agent itself, once; whoever is told here is told of its end. `except`: cannot carry it. */
export function tellTrouble(work: Work, key: string, title: string, text: string, except?: string): void {
  if (work.troubles[key]) return;
  const told = work.config.notify.filter((name) => name !== except && wants(work.config, name, 'critical'));
  work.troubles = { ...work.troubles, [key]: { since: work.at.now, text, told } };
  tell(work, told, { topic: key, startedAt: work.at.wall, status: 'firing', title, text });
}

/** The notifier that a trouble is about; undefined when it is about none. */
export function notifierOf(key: string): string | undefined {
  return key.startsWith(NOTIFIER) ? key.slice(NOTIFIER.length) : undefined;
}

/** The key of a trouble with a notifier. */
export function notifierTrouble(name: string): string {
  return `${NOTIFIER}${name}`;
}

/** Tells whoever heard of a trouble that it is over; nothing where there is none of that key. */
export function endTrouble(work: Work, key: string, title: string, text: string): void {
  const { [key]: trouble, ...rest } = work.troubles;
  if (!trouble) return;
  work.troubles = rest;
  const lasted = formatDuration(work.at.now - trouble.since);
  const told = trouble.told.filter((name) => work.config.notifiers[name]?.sendResolved);
  const startedAt = toWall(work, trouble.since);
  tell(work, told, {
    topic: key,
    startedAt,
    status: 'resolved',
    title,
    text: `${text} It lasted ${lasted}.`,
  });
}

/** The state cannot be saved, or can be again: people know that a restart of the agent would forget. */
export function savingChanged(work: Work, trouble: string | undefined): void {
  if (trouble === undefined) {
    endTrouble(work, 'state', 'UP state of the agent', 'The state is saved again, with all that is new.');
    return;
  }
  const title = `DOWN state of the agent: it cannot be saved: ${trouble}`;
  const text = `The state cannot be saved (${trouble}). The agent goes on from memory and tries again; until then a restart of it forgets what is new. Make room for, or mend, the state directory.`;
  tellTrouble(work, 'state', title, text);
}

/** Something of what was known is lost, perhaps silences and acknowledgements: people are told once. It has no end. */
export function stateDamaged(work: Work, text: string): void {
  record(work, { type: 'state-damaged', service: '', text });
  const names = work.config.notify.filter((name) => wants(work.config, name, 'critical'));
  tell(work, names, {
    topic: 'state-damaged',
    startedAt: work.at.wall,
    status: 'info',
    title: 'STATE DAMAGED: the agent may have forgotten incidents, silences and acknowledgements',
    text: `At its start ${text}. What is wrong now is found and told anew; \`watcher incidents\` shows it.`,
  });
}

function tell(
  work: Work,
  names: readonly string[],
  about: Required<Pick<Notice, 'topic' | 'startedAt' | 'status' | 'title' | 'text'>>,
): void {
  const id = nextSequence(work);
  for (const notifier of names) {
    const notice: Notice = {
      id: `agent-${id}/${notifier}`,
      notifier,
      kind: 'agent',
      severity: 'critical',
      at: work.at.wall,
      host: work.config.hostName,
      items: [],
      ...about,
    };
    work.actions.push({ do: 'notify', notice });
  }
}
