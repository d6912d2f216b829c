import { formatDuration } from '../lib/duration.ts';
import type { Notice } from '../model/notice.ts';
import { wants } from './routing.ts';
import { nextSequence, type Work } from './work.ts';

/** Tells of a trouble of the agent itself, once; whoever is told here is told of its end. `except`: cannot carry it. */
export function tellTrouble(work: Work, key: string, title: string, text: string, except?: string): void {
  if (work.troubles[key]) return;
  const told = work.config.notify.filter((name) => name !== except && wants(work.config, name, 'critical'));
  work.troubles = { ...work.troubles, [key]: { since: work.at.now, text, told } };
  tell(work, told, 'firing', title, text);
}

export function endTrouble(work: Work, key: string, title: string, text: string): void {
  const { [key]: trouble, ...rest } = work.troubles;
  if (!trouble) return;
  work.troubles = rest;
  const lasted = formatDuration(work.at.now - trouble.since);
  const told = trouble.told.filter((name) => work.config.notifiers[name]?.sendResolved);
  tell(work, told, 'resolved', title, `${text} It lasted ${lasted}.`);
}

function tell(
  work: Work,
  names: readonly string[],
  status: Notice['status'],
  title: string,
  text: string,
): void {
  const id = nextSequence(work);
  for (const notifier of names) {
    const notice: Notice = {
      id: `agent-${id}/${notifier}`,
      notifier,
      kind: 'agent',
      status,
      severity: 'critical',
      at: work.at.wall,
      host: work.config.hostName,
      title,
      items: [],
      text,
    };
    work.actions.push({ do: 'notify', notice });
  }
}
