import type { Host } from '../../host/host.ts';
import type { Discovery } from '../../managers/manager-kind.ts';
import { managerKinds } from '../../managers/registry.ts';

/** What one kind of manager runs on this machine. */
export interface Surveyed extends Discovery {
  readonly kind: string;
}

/** Longest wait for one manager. */
const PATIENCE = 15_000;

/** Asks every manager that runs here what it has, all at the same time. Starts and changes nothing. */
export async function surveyManagers(host: Host): Promise<readonly Surveyed[]> {
  const asked = await Promise.all(
    managerKinds.map(async ({ kind, discover }) => {
      if (discover === undefined) return undefined;
      let timer: { cancel(): void } | undefined;
      const late = new Promise<Discovery>((resolve) => {
        const trouble = `it did not answer within ${PATIENCE / 1000} s`;
        timer = host.clock.after(PATIENCE, () => resolve({ present: true, services: [], trouble }), {
          hold: true,
        });
      });
      const found = await Promise.race([discover(host), late]);
      timer?.cancel();
      return { kind, ...found };
    }),
  );
  return asked.filter((found) => found !== undefined).filter(({ present }) => present);
}
