import type { Check, Service } from '../model/service.ts';
import type { Place } from '../schema/place.ts';
import type { Name } from './fields/names.ts';
import type { Origins } from './layers.ts';

/** A resolved check with what is still needed to look at it together with the rest of the rules. */
export interface CheckDraft {
  readonly check: Check;
  readonly place: Place;
  readonly origins: Origins;
  /** The settings as read, by name: for printing them. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly notify: readonly Name[];
  readonly escalate: readonly Name[];
  /** What the user said of `vital`, if anything. */
  readonly vital?: boolean;
}

/** A resolved service, the same way. */
export interface ServiceDraft {
  readonly service: Service;
  readonly place: Place;
  readonly origins: Origins;
  readonly values: Readonly<Record<string, unknown>>;
  readonly groups: readonly Name[];
  readonly dependsOn: readonly Name[];
  readonly checks: readonly CheckDraft[];
}
