import type { ManagerReport, MemberProcess, ProcessIdentity } from '../model/manager.ts';

/** One container or process of a service that has several. */
export interface Member {
  readonly name: string;
  readonly report: ManagerReport;
}

/** Worst first. */
const order = ['failed', 'restarting', 'starting', 'stopping', 'unknown', 'stopped', 'running'] as const;

/** Several containers or processes (`what`) as one service: it is as bad as its worst member, and stopped only when all are. */
export function together(what: string, members: readonly Member[]): ManagerReport {
  const reports = members.map(({ report }) => report);
  const down = members.filter(({ report }) => report.activity !== 'running');
  const meant = members.filter(isMeantToRun);
  const ranked = order.flatMap((activity) => meant.filter(({ report }) => report.activity === activity));
  const worst = ranked[0]?.report;
  const warnings = members.flatMap(({ name, report }) =>
    (report.warnings ?? []).map((text) => `${name}: ${text}`),
  );
  const mains = members.flatMap(({ name, report }) => mainsOf(report).map((main) => ({ ...main, name })));
  const pids = reports.flatMap((report) => report.pids ?? []);
  const restarts = reports.flatMap((report) => report.restarts ?? []);
  const [cgroup, ...otherGroups] = new Set(reports.flatMap((report) => report.cgroup ?? []));
  return {
    intent: meant.length === 0 ? 'stopped' : 'run',
    activity: worst?.activity ?? 'stopped',
    detail:
      down.length === 0
        ? `${members.length} ${what} running`
        : `${down.length} of ${members.length} ${what} are not running: ${down.map(({ name, report }) => `${name} ${report.detail}`).join('; ')}`,
    ...(mains[0] === undefined ? {} : { main: identityOf(mains[0]) }),
    mains,
    ...(pids.length === 0 ? {} : { pids }),
    // Of one group only: another would be left out without a word.
    ...(cgroup === undefined || otherGroups.length > 0 ? {} : { cgroup }),
    ...(worst?.readyIn === undefined ? {} : { readyIn: worst.readyIn }),
    ...(restarts.length === 0 ? {} : { restarts: restarts.reduce((sum, count) => sum + count, 0) }),
    ...(worst?.lastExit === undefined ? {} : { lastExit: worst.lastExit }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function identityOf({ pid, start }: ProcessIdentity): ProcessIdentity {
  return { pid, start };
}

/** The processes whose death is news of the service. */
export function mainsOf({ main, mains }: Pick<ManagerReport, 'main' | 'mains'>): readonly MemberProcess[] {
  return mains ?? (main === undefined ? [] : [main]);
}

/**
 * Which members an operation is for. A start or restart takes only those that are broken, where there are such: the
 * others go on, and what somebody stopped on purpose stays stopped as long as another one is meant to run.
 */
export function membersFor<M extends Pick<Member, 'report'>>(
  kind: 'start' | 'stop' | 'restart' | 'reload',
  members: readonly M[],
): readonly M[] {
  if (kind === 'stop') return members;
  const running = members.filter(({ report }) => report.activity === 'running');
  if (kind === 'reload') return running.length > 0 ? running : members;
  // Not of unknown intent: that one may have been stopped by somebody.
  const meant = members.filter(({ report }) => report.intent === 'run');
  const broken = meant.filter(({ report }) => report.activity !== 'running');
  if (broken.length > 0) return broken;
  return kind === 'restart' && meant.length > 0 ? meant : members;
}

function isMeantToRun({ report }: Pick<Member, 'report'>): boolean {
  return report.intent !== 'stopped';
}
