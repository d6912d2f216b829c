import type { Manager, ManagerKind } from '../../src/managers/manager-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';

/** A kind of manager that says what it is told to say, and whose operations succeed; `follow` where it tells of changes. */
export function fakeManagerKind(report: () => ManagerReport, follow?: Manager['follow']): ManagerKind {
  return {
    kind: 'fake',
    open: (): Manager => ({
      report: async () => report(),
      operate: async () => ({ ok: true, detail: '', tookMs: 0 }),
      ...(follow && { follow }),
      close() {},
    }),
  } as unknown as ManagerKind;
}
