import { isDeepStrictEqual } from 'node:util';
import type { Kinds } from '../config/kinds.ts';
import type { Host } from '../host/host.ts';
import { within } from '../host/time/within.ts';
import type { Manager } from '../managers/manager-kind.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { Service } from '../model/service.ts';
import { refusedBySystem } from './refused-by-system.ts';

/** The managers of all services: opened once, asked at most once per tick, kept over a reload that does not change them. */
export interface ManagerDesk {
  /** Opens what is new, closes what is gone. */
  configure(services: readonly Service[]): void;
  managerOf(service: string): Manager | undefined;
  /** What the manager says, no older than `maxAge` milliseconds; a manager that does not answer is `unknown`. */
  report(service: string, maxAge?: number): Promise<ManagerReport> | undefined;
  /** What it says of a process that has just ended, where it can tell at once. It is not kept: whoever asks next has it asked. */
  reportNow(service: string): ManagerReport | undefined;
  /** Resolves when its manager, which is about to tell of such an end, has told, or was to have; undefined where it is not about to. */
  endTold(service: string): Promise<void> | undefined;
  /** What the manager said last, when that is no older than `maxAge` milliseconds; it is not asked. */
  remembered(service: string, maxAge: number): ManagerReport | undefined;
  /** Age of the last report in milliseconds; infinite when there is none. */
  age(service: string): number;
  /** The next report must be a new one: something happened. Of `overtaken` only that one is forgotten, not one that came since. */
  forget(service: string, overtaken?: ManagerReport): void;
  close(): void;
}

/** Reports this young (milliseconds) are shared by all checks of a service that run at the same turn. */
const TICK = 200;
/** A manager that takes longer than this many milliseconds to answer a question is not answering. */
const ANSWER_TIMEOUT = 5000;
/** How old, in milliseconds, the manager's word may be while all is well: where it tells of changes by itself, and elsewhere. */
const CALM_AGE = { told: 24_000, untold: 5000 };
/**
 * From this age on it is renewed together with a look that is made anyway: another pass for it alone would cost more. Of those that
 * tell it is less than the other by more than the time between two measurements of a process, so that none falls between them.
 */
const RIPE_AGE = { told: 8000, untold: 4000 };

/** How old, in milliseconds, the manager's word may be while the engine sees nothing wrong. */
export function calmAgeOf(manager: Manager | undefined): number {
  return manager?.follow === undefined ? CALM_AGE.untold : CALM_AGE.told;
}

/** How old, in milliseconds, it may be in a pass that is made anyway. */
export function ripeAgeOf(manager: Manager | undefined): number {
  return manager?.follow === undefined ? RIPE_AGE.untold : RIPE_AGE.told;
}

interface Desk {
  readonly service: Service;
  readonly manager: Manager;
  readonly unfollow: (() => void) | undefined;
  asking: Promise<ManagerReport> | undefined;
  last: { readonly report: ManagerReport; readonly at: number } | undefined;
}

/** No manager is open before `configure`. Reports never reject: a manager that breaks or does not answer is `unknown`. */
export function createManagerDesk(parts: {
  readonly host: Host;
  readonly kinds: Kinds['managers'];
  /** The manager itself told of a change. */
  readonly onChange: (service: string) => void;
  readonly onBug: (error: unknown, about: string) => void;
}): ManagerDesk {
  const { host } = parts;
  const desks = new Map<string, Desk>();

  function open(service: Service): void {
    const choice = service.manager;
    const kind = choice && parts.kinds[choice.kind];
    if (choice === undefined || kind === undefined) return;
    const manager = kind.open(choice.options as never, {
      host,
      service: service.name,
      startTimeout: service.startTimeout,
      stopTimeout: service.stopTimeout,
    });
    const unfollow = manager.follow?.(() => {
      forget(service.name);
      parts.onChange(service.name);
    });
    desks.set(service.name, { service, manager, unfollow, asking: undefined, last: undefined });
  }

  function shut(desk: Desk): void {
    desk.unfollow?.();
    desk.manager.close();
    desks.delete(desk.service.name);
  }

  function forget(service: string, overtaken?: ManagerReport): void {
    const desk = desks.get(service);
    if (desk === undefined || (overtaken !== undefined && desk.last?.report !== overtaken)) return;
    desk.last = undefined;
    // A question that is under way was asked before whatever happened.
    desk.asking = undefined;
  }

  function ask(desk: Desk): Promise<ManagerReport> {
    const { name } = desk.service;
    const raw = desk.manager.report().catch((error: unknown): ManagerReport => {
      const refused = refusedBySystem(error);
      if (refused !== undefined) return unanswered(refused);
      parts.onBug(error, `asking the manager of ${name}`);
      return unanswered('asking it failed because of a mistake in watcher itself; the log has the details');
    });
    desk.asking = raw;
    void raw.then((report) => {
      if (desk.asking !== raw) return;
      desk.asking = undefined;
      desk.last = { report, at: host.clock.monotonic() };
    });
    return raw;
  }

  return {
    configure(services) {
      const wanted = new Map(services.map((service) => [service.name, service]));
      for (const desk of [...desks.values()]) {
        const next = wanted.get(desk.service.name);
        if (next === undefined || !sameManager(desk.service, next)) shut(desk);
      }
      for (const service of services) if (!desks.has(service.name)) open(service);
    },
    managerOf: (service) => desks.get(service)?.manager,
    report(service, maxAge = TICK) {
      const desk = desks.get(service);
      if (desk === undefined) return undefined;
      const { last } = desk;
      if (last !== undefined && host.clock.monotonic() - last.at <= maxAge)
        return Promise.resolve(last.report);
      const late = unanswered(`the manager did not answer within ${ANSWER_TIMEOUT / 1000} s`);
      return within(host.clock, ANSWER_TIMEOUT, desk.asking ?? ask(desk), late);
    },
    reportNow: (service) => desks.get(service)?.manager.reportNow?.(),
    endTold: (service) => desks.get(service)?.manager.endTold?.(),
    remembered(service, maxAge) {
      const last = desks.get(service)?.last;
      return last !== undefined && host.clock.monotonic() - last.at <= maxAge ? last.report : undefined;
    },
    age(service) {
      const at = desks.get(service)?.last?.at;
      return at === undefined ? Number.POSITIVE_INFINITY : host.clock.monotonic() - at;
    },
    forget,
    close() {
      for (const desk of [...desks.values()]) shut(desk);
    },
  };
}

function unanswered(detail: string): ManagerReport {
  return { intent: 'unknown', activity: 'unknown', detail };
}

function sameManager(a: Service, b: Service): boolean {
  return (
    a.startTimeout === b.startTimeout &&
    a.stopTimeout === b.stopTimeout &&
    isDeepStrictEqual(a.manager, b.manager)
  );
}
