import type { Check, Service } from '../../model/service.ts';
import type { Place } from '../../schema/place.ts';
import type { Origin, Origins } from '../combine/layers.ts';
import type { Name } from '../fields/names.ts';
import type { Used } from '../templates/templates.ts';

/** A resolved check with what is still needed to look at it together with the rest of the rules. */
export interface CheckDraft {
  readonly check: Check;
  readonly place: Place;
  readonly origins: Origins;
  /** The settings as read, by name: for printing them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where an option of its kind came from; nothing for what the kind itself fills in. For printing. */
  readonly optionOrigin: (name: string) => Origin | undefined;
  readonly notify: readonly Name[];
  readonly escalate: readonly Name[];
  /** What the user said of `vital`, if anything. */
  readonly vital?: boolean;
  /** Templates that made it, those of its service not among them. */
  readonly used: readonly Used[];
  /** Without a problem; else defaults stand in for what could not be read, so that the rest can be looked at. */
  readonly complete: boolean;
  /** What is written in it and could not be read: settings, and its kind where that is the options of it. */
  readonly unread: readonly string[];
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
  readonly used: readonly Used[];
  /** It and all its checks are without a problem. */
  readonly complete: boolean;
  /** Its own settings are. */
  readonly settled: boolean;
  /** Its settings that are written and could not be read. */
  readonly unread: readonly string[];
}

/** Every use of a template that the services and their checks are made of. */
export function usedBy(services: readonly ServiceDraft[]): readonly Used[] {
  return services.flatMap(({ used, checks }) => [...used, ...checks.flatMap((check) => check.used)]);
}
