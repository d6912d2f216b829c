import type { ManagerReport } from '../../model/manager.ts';
import type { ServiceState } from '../../model/state.ts';
import { edit, put, record, serviceOf, type Work } from '../work.ts';
import { beginStartup } from './startup.ts';
import { becomeStopped, watchAfresh } from './watching.ts';

/** What its manager says: whether somebody wants it to run, and whether it is being brought up without us. */
export function reported(work: Work, name: string, report: ManagerReport): void {
  const before = serviceOf(work, name);
  if (!before) return;
  const said = before.report;
  const news = said?.intent !== report.intent || said.activity !== report.activity;
  if (news) edit(work, name, { report });
  else put(work, { ...before, report });
  const service = serviceOf(work, name);
  // While the watcher itself operates on it, what the manager sees is the watcher's doing.
  if (!service || service.operation) return;
  if (service.stop) {
    maybeStarted(work, service, report);
    return;
  }
  if (report.intent === 'stopped') {
    becomeStopped(work, name, {
      by: 'an operator',
      at: work.at.now,
      source: 'manager',
      seenDown: true,
    });
    return;
  }
  if (service.monitored) maybeGiveTime(work, service, report);
}

const NOT_RUNNING: ReadonlySet<ManagerReport['activity']> = new Set(['stopped', 'failed', 'missing']);

/** It was stopped on purpose; when it runs again, somebody started it on purpose. */
function maybeStarted(work: Work, service: ServiceState, report: ManagerReport): void {
  const { name, stop, queue } = service;
  if (!stop || queue.length > 0) return;
  if (!stop.seenDown && NOT_RUNNING.has(report.activity)) {
    edit(work, name, { stop: { ...stop, seenDown: true, failed: undefined } });
    return;
  }
  const runs = report.activity === 'running' || report.activity === 'starting';
  if (stop.failed !== undefined && runs && report.intent !== 'stopped') {
    // Nobody would look after what is taken for stopped and runs on.
    const why = `it could not be stopped for ${stop.by} (${stop.failed})`;
    record(work, { type: 'started', service: name, text: `${name} still runs, ${why}: it is watched again` });
    edit(work, name, { stop: undefined });
    if (service.monitored) watchAfresh(work, name);
    return;
  }
  if (!stop.seenDown || !runs || report.intent === 'stopped') return;
  record(work, { type: 'started', service: name, text: `${name} runs again: ${report.detail}` });
  edit(work, name, { stop: undefined });
  if (service.monitored) watchAfresh(work, name);
}

/**
 * Its manager is bringing it up, or is about to: that is given its time, once. Not again until it has been up for as
 * long as a repair has to hold, or a service that its manager restarts for ever would never count as down.
 */
function maybeGiveTime(work: Work, service: ServiceState, report: ManagerReport): void {
  const { activity, readyIn } = report;
  if (activity !== 'restarting' && activity !== 'starting' && activity !== 'stopping') return;
  const hold = work.index.services.get(service.name)?.service.budget.hold ?? 0;
  const { grace, name } = service;
  const spent = grace && (grace.readyAt === undefined || work.at.now - grace.readyAt < hold);
  if (service.startup || spent) return;
  edit(work, name, { grace: { at: work.at.now } });
  beginStartup(work, name, {
    kind: 'manager',
    place: false,
    ...(readyIn !== undefined && { after: readyIn }),
  });
}
