import type { Host } from '../host/host.ts';
import { processKey } from '../host/processes/alive.ts';
import { mainsOf } from '../managers/together.ts';
import type { ManagerReport } from '../model/manager.ts';
import { calmAgeOf, type ManagerDesk, ripeAgeOf } from './manager-desk.ts';

export interface CycleReportParts {
  readonly host: Pick<Host, 'clock' | 'processes'>;
  readonly desk: ManagerDesk;
  readonly service: string;
  /** Whether the engine sees nothing wrong with the service. */
  readonly calm: boolean;
  /** Whether turns of this check may be over without a pass: then one that is made anyway serves the report too. */
  readonly spared: boolean;
}

const NO_MANAGER: ManagerReport = { intent: 'unknown', activity: 'unknown', detail: 'no manager' };
/**
 * So many milliseconds after the first failure of a cycle it is believed, whatever else ends or begins meanwhile. The time that
 * the first answers take does not count: a manager that is slow is behind what happens for as long as it takes.
 */
const PATIENCE = { ms: 3000, answers: 6 };

/** The manager's report of a service, as one cycle of one check goes by it. Never rejects, as long as the desk does not. */
export class CycleReport {
  /** The last one that was asked for in this cycle; undefined while the remembered one did. */
  latest: ManagerReport | undefined;
  /** Whether the look went by the remembered one. */
  remembered = false;
  private readonly parts: CycleReportParts;
  private until: number | undefined;
  private answers = 0;
  /** Processes that one of them named as running and that have ended. */
  private ended: Set<string> | undefined;

  constructor(parts: CycleReportParts) {
    this.parts = parts;
  }

  /** Whether this pass asks the manager: the remembered report does not do, or would not for the next passes that might be spared. */
  get isDue(): boolean {
    const { calm, desk, service, spared } = this.parts;
    const manager = desk.managerOf(service);
    return !calm || desk.age(service) > (spared ? ripeAgeOf(manager) : calmAgeOf(manager));
  }

  /** What the manager says now, or said at this turn. */
  async ask(): Promise<ManagerReport> {
    const { desk, host, service } = this.parts;
    const asked = host.clock.monotonic();
    const said = (await desk.report(service)) ?? NO_MANAGER;
    this.latest = said;
    this.answers += 1;
    if (this.until !== undefined && this.answers < PATIENCE.answers)
      this.until += host.clock.monotonic() - asked;
    return said;
  }

  /** While all is well that of a moment ago does: whoever is told of changes forgets it then. */
  async recall(): Promise<ManagerReport> {
    if (this.isDue) return this.ask();
    this.remembered = true;
    const { desk, service } = this.parts;
    return (await desk.report(service, calmAgeOf(desk.managerOf(service)))) ?? NO_MANAGER;
  }

  /**
   * Asks the manager about a failure, before that is believed. True where it knows more than at the look that went by its report:
   * then what was seen is worth nothing.
   */
  async renew(): Promise<boolean> {
    const before = this.latest;
    let overtaken = this.isOvertaken();
    if (!overtaken) {
      await this.ask();
      overtaken = this.isOvertaken();
    }
    // Members that are stopped together end one after the other, also while it is asked about the first.
    for (let again = overtaken; again && this.inTime(); again = this.isOvertaken()) {
      const { desk, service } = this.parts;
      desk.forget(service, this.latest);
      await this.ask();
    }
    const knows = overtaken && this.endedSince().length === 0;
    return (knows || cameUp(before, this.latest)) && this.inTime();
  }

  /** Whether the latest one was overtaken: an end that the manager goes on not to know of counts once. */
  private isOvertaken(): boolean {
    const found = this.endedSince().filter((process) => this.ended?.has(process) !== true);
    if (found.length === 0) return false;
    this.ended = new Set([...(this.ended ?? []), ...found]);
    return true;
  }

  /** Those that it says are running and that have ended since: whose doing that was, somebody's stop perhaps, it could not say yet. */
  private endedSince(): readonly string[] {
    if (this.latest?.activity !== 'running') return [];
    const { processes } = this.parts.host;
    return mainsOf(this.latest)
      .filter((main) => !processes.alive(main))
      .map(processKey);
  }

  private inTime(): boolean {
    const now = this.parts.host.clock.monotonic();
    this.until ??= now + PATIENCE.ms;
    return now < this.until;
  }
}

/** It was brought up while it was looked at: what was seen is over. */
function cameUp(before: ManagerReport | undefined, now: ManagerReport | undefined): boolean {
  return before !== undefined && before.activity !== 'running' && now?.activity === 'running';
}
