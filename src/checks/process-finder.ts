import type { Host } from '../host/host.ts';
import { isAlive, isSameProcess } from '../host/processes/alive.ts';
import type { ProcessFinding } from '../host/processes/find-process.ts';
import type { ManagerReport, MemberProcess } from '../model/manager.ts';

/** The process that is meant. */
export type Finding =
  | RunningProcess
  | Exclude<ProcessFinding, { readonly state: 'running' }>
  /** The manager says it runs but not as which process. */
  | { readonly state: 'somewhere'; readonly detail: string };

export type RunningProcess = Extract<ProcessFinding, { readonly state: 'running' }> & {
  /** All processes of the service where its manager knows them. */
  readonly pids?: readonly number[];
  /** The main process of each living member where the service has several. */
  readonly mains?: readonly MemberProcess[];
};

/** The main process according to the service's manager. Of several members one that is down is as bad as all. */
export async function findByManager(host: Host, report: ManagerReport): Promise<Finding> {
  if (report.mains && (report.activity === 'failed' || report.activity === 'restarting')) {
    return { state: 'gone', reason: report.detail };
  }
  if (report.main) {
    const entry = await host.processes.one(report.main.pid);
    if (entry && isSameProcess(entry.identity, report.main) && isAlive(entry)) {
      const ended = report.mains?.find((main) => !host.processes.alive(main));
      if (ended) return { state: 'gone', reason: endedText(ended) };
      const { pids, mains } = report;
      return { state: 'running', entry, ...(pids && { pids }), ...(mains && { mains }) };
    }
    const ended = entry && !isAlive(entry) ? { processState: entry.state } : {};
    const { pid } = report.main;
    const member = report.mains?.find((one) => one.pid === pid) ?? report.main;
    return { state: 'gone', reason: endedText(member), ...ended };
  }
  return findNameless(report);
}

/** What the manager says of a service of which it names no process. */
export function findNameless({ activity, detail }: ManagerReport): Exclude<Finding, RunningProcess> {
  if (activity === 'unknown') return { state: 'unclear', reason: detail };
  return activity === 'running' ? { state: 'somewhere', detail } : { state: 'gone', reason: detail };
}

function endedText({ name, pid }: MemberProcess): string {
  const text = `process ${pid} has ended`;
  return name === undefined ? text : `${name}: ${text}`;
}
