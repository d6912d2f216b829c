import { formatDuration } from '../../lib/duration.ts';
import type { Incident, OwedKind } from '../../model/incident.ts';
import type { NoticeItem } from '../../model/notice.ts';
import type { Check } from '../../model/service.ts';
import { attemptsLeft, secondTryAt } from '../repairs/budget.ts';
import { placeTaken } from '../repairs/place.ts';
import { noRepairs } from '../repairs/repair-mute.ts';
import { dependencyStopped } from '../services/dependency.ts';
import { serviceOf, toWall, type Work } from '../work.ts';
import { isEndKind } from './heard.ts';

/** What a notice says of one incident, as things are at this moment. */
export function noticeItem(work: Work, incident: Incident, kind: OwedKind): NoticeItem {
  const indexed = work.index.services.get(incident.service);
  const check = indexed?.checks.get(incident.check);
  const ended = isEndKind(kind);
  const endedAt = incident.upAt ?? incident.closedAt;
  const next = ended ? undefined : nextStep(work, incident);
  const { description, runbook } = indexed?.service ?? {};
  const { findings } = incident;
  return {
    incident: incident.id,
    service: incident.service,
    check: incident.check,
    status: ended ? 'resolved' : 'firing',
    severity: incident.severity,
    startedAt: toWall(work, incident.failingSince),
    ...(incident.worseSince !== undefined && { worseSince: toWall(work, incident.worseSince) }),
    ...(ended && endedAt !== undefined && { endedAt: toWall(work, endedAt) }),
    measured: join(findings.map(({ measured }) => measured)) || incident.summary,
    expected: join(findings.map(({ expected }) => expected)) || expectations(check),
    tolerance: incident.tolerance,
    summary: incident.summary,
    repairs: incident.repairs.map((repair) => ({
      ...repair,
      at: toWall(work, repair.at),
      ...(repair.endedAt !== undefined && { endedAt: toWall(work, repair.endedAt) }),
    })),
    ...(next !== undefined && { next }),
    ...(description !== undefined && { description }),
    ...(runbook !== undefined && { runbook }),
    ...(indexed && indexed.service.manager === undefined && { operable: false }),
    groups: indexed?.service.groups ?? [],
    labels: { ...indexed?.service.labels, ...check?.labels },
    history: incident.history ?? [],
    ...(incident.evidence !== undefined && { evidence: incident.evidence }),
    ...(incident.evidenceSummary !== undefined && { evidenceSummary: incident.evidenceSummary }),
    about: incident.about,
    ...(incident.acknowledged && {
      acknowledgedBy: incident.acknowledged.by,
      ...(incident.acknowledged.comment !== undefined && {
        acknowledgedComment: incident.acknowledged.comment,
      }),
    }),
  };
}

/** What the watcher will do about an open incident, or why it does nothing. */
export function nextStep(work: Work, incident: Incident): string {
  const service = serviceOf(work, incident.service);
  const indexed = work.index.services.get(incident.service);
  const check = indexed?.checks.get(incident.check);
  if (!service || !indexed || !check) return '';
  const { budget } = indexed.service;
  const { repair, operation, startup } = service;
  if (service.stop) return 'nothing by itself: it stays stopped until somebody starts it';
  if (check.repair.length === 0 || incident.about !== 'failing')
    return ['nothing by itself: this check has no repair', dependencyStopped(work, indexed)]
      .filter((text) => text !== undefined)
      .join('; ');
  if (operation) return `${operation.kind} is under way`;
  if (startup) return `waiting for it to come up after ${startup.kind}`;
  if (repair.verifying) return `${repair.verifying.kind} is on trial`;
  if (repair.stoodDownAt !== undefined) {
    const again = secondTryAt(repair, budget, work.at.now);
    if (again === undefined) return 'no more repairs by itself: this one needs you';
    return `no more repairs for now; one more try in ${formatDuration(Math.max(0, again - work.at.now))}`;
  }
  const step = check.repair[Math.min(repair.rung, check.repair.length - 1)];
  const kind = step?.command ? 'run' : step?.kind;
  const wait = repair.notBefore - work.at.now;
  const number = budget.attempts - attemptsLeft(repair, budget, work.at.now) + 1;
  if (wait > 0) return `${kind} in ${formatDuration(wait)} (attempt ${number} of ${budget.attempts})`;
  const against = noRepairs(work, indexed, service, check)?.why ?? placeTaken(work, indexed.service);
  if (against !== undefined) return `no ${kind} just now: ${against}`;
  return `${kind} (attempt ${number} of ${budget.attempts})`;
}

/** What the check wants, where the probe itself failed and so no single expectation did. */
function expectations(check: Check | undefined): string {
  return join(check?.expect.map(({ text }) => text) ?? []);
}

function join(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('; ');
}
