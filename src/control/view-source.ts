import type { CheckKind } from '../checks/check-kind.ts';
import type { Config } from '../model/config.ts';
import type { Instant } from '../model/instant.ts';
import type { EngineState } from '../model/state.ts';
import type { AgentInfo } from './api.ts';

/** What every answer about services is made of: taken at one moment, then only read. */
export interface ViewSource {
  readonly config: Config;
  readonly state: EngineState;
  readonly at: Instant;
  readonly agent: AgentInfo;
  readonly kinds: Readonly<Record<string, CheckKind>>;
  /** Turns of a check that came while its last run was not over. */
  readonly missedOf: (service: string, check: string) => number;
}

/** Wall time of a moment on the scale of `now`. */
export function toWall({ at }: Pick<ViewSource, 'at'>, time: number): number {
  return time + (at.wall - at.now);
}
