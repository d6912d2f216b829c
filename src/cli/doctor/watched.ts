import type { Host } from '../../host/host.ts';
import { findProcess } from '../../host/processes/find-process.ts';
import type { ProcessMatch } from '../../host/processes/process-match.ts';
import type { ManagerReport } from '../../model/manager.ts';
import type { Service } from '../../model/service.ts';
import { openManager } from '../open-manager.ts';

/** A service of the rules as it is found on this machine. */
export interface Watched {
  readonly service: Service;
  /** What its manager says of it, where it has one. */
  readonly report?: ManagerReport;
  /** Why its manager would refuse to start, stop or restart it. */
  readonly refusal?: string;
  /** Main processes: of its manager, and of its checks. */
  readonly pids: readonly number[];
  readonly repairs: boolean;
}

/** Finds the processes of a service of the rules, and whether it may be operated. */
export async function findWatched(service: Service, host: Host): Promise<Watched> {
  const repairs =
    service.mode === 'active' &&
    service.checks.some(({ repair }) => repair.some(({ kind }) => kind !== 'run'));
  const manager = openManager(service, host);
  try {
    const [report, refusal, checked] = await Promise.all([
      manager?.report(),
      repairs ? manager?.refusal?.() : undefined,
      Promise.all(service.checks.map((check) => pidOf(check, host))),
    ]);
    const pids = [report?.main?.pid, ...checked].filter((pid) => pid !== undefined);
    return {
      service,
      ...(report === undefined ? {} : { report }),
      ...(refusal === undefined ? {} : { refusal }),
      pids: [...new Set(pids)],
      repairs,
    };
  } finally {
    manager?.close();
  }
}

/** The process of a check that finds one without the manager. */
async function pidOf(check: Service['checks'][number], host: Host): Promise<number | undefined> {
  if (check.kind !== 'process') return undefined;
  const sought = check.options as { readonly pidfile?: string; readonly match?: ProcessMatch };
  if (sought.pidfile === undefined && sought.match === undefined) return undefined;
  const { finding } = await findProcess(sought, {}, host);
  return finding.state === 'running' ? finding.entry.pid : undefined;
}
