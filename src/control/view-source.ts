import type { CheckKind } from '../checks/check-kind.ts';
import type { Config } from '../model/config.ts';
import type { Instant } from '../model/instant.ts';
import type { CheckState, EngineState } from '../model/state.ts';
import type { AgentInfo } from './api.ts';

/** What every answer about services is made of: taken at one moment, then only read. */
export interface ViewSource {
  readonly config: Config;
  readonly state: EngineState;
  readonly at: Instant;
  readonly agent: AgentInfo;
  readonly kinds: Readonly<Record<string, CheckKind>>;
  /** When a turn of a check was last passed over, on the scale of `at.now`: it was certain that nothing had changed. */
  readonly passedAt: (service: string, check: string) => number | undefined;
  /** Turns of a check that came while its last run was not over. */
  readonly missedOf: (service: string, check: string) => number;
}

/** When a check last looked, or had no need to; wall time. */
export function lastRunOf(
  source: Pick<ViewSource, 'at' | 'passedAt'>,
  service: string,
  { name, lastRun }: Pick<CheckState, 'name' | 'lastRun'>,
): number | undefined {
  if (lastRun === undefined) return undefined;
  return toWall(source, Math.max(lastRun, source.passedAt(service, name) ?? lastRun));
}

/** Wall time of a moment on the scale of `now`. */
export function toWall({ at }: Pick<ViewSource, 'at'>, time: number): number {
  return time + (at.wall - at.now);
}
