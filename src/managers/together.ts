import type { ManagerReport } from '../model/manager.ts';

/** Several containers or processes (`what`) as one service: it is as bad as its worst container, and stopped only when all are. */
export function together(
  what: string,
  items: readonly { readonly name: string; readonly report: ManagerReport }[],
): ManagerReport {
  const order = ['failed', 'restarting', 'starting', 'stopping', 'unknown', 'stopped', 'running'] as const;
  const down = items.filter(({ report }) => report.activity !== 'running');
  const meant = items.filter(({ report }) => report.intent !== 'stopped');
  const worst = order.find((activity) => meant.some(({ report }) => report.activity === activity));
  const warnings = items.flatMap(({ name, report }) =>
    (report.warnings ?? []).map((text) => `${name}: ${text}`),
  );
  const main = items.find(({ report }) => report.main !== undefined)?.report.main;
  return {
    intent: meant.length === 0 ? 'stopped' : 'run',
    activity: worst ?? 'stopped',
    detail:
      down.length === 0
        ? `${items.length} ${what} running`
        : `${down.length} of ${items.length} ${what} are not running: ${down.map(({ name, report }) => `${name} ${report.detail}`).join('; ')}`,
    pids: items.flatMap(({ report }) => report.pids ?? []),
    ...(main === undefined ? {} : { main }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}
