import type { CheckKind, Look } from '../checks/check-kind.ts';
import { readingsOf } from '../conditions/usage.ts';
import type { Clock } from '../host/clock.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { Exhibit, ProbeResult } from '../model/reading.ts';
import type { Check, Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import type { ManagerDesk } from './manager-desk.ts';
import { refusedBySystem } from './refused-by-system.ts';

/** What one check keeps between its cycles. Lost on purpose when its rules change. */
export interface CheckMemory {
  carry?: unknown;
  /** What the last probe that brought something to show had seen, for the evidence. */
  exhibit?: Exhibit;
  /** When the probe that saw it began, in milliseconds of `Instant.now`. */
  exhibitAt?: number;
  /** Whether later probes had nothing to show, so that it is not what failed. */
  exhibitIsOld?: boolean;
}

export interface CycleParts {
  readonly host: Host;
  readonly kind: CheckKind;
  readonly service: Service;
  readonly check: Check;
  readonly memory: CheckMemory;
  readonly desk: ManagerDesk;
  /** Whether the engine sees nothing wrong with the service: then its manager need not be asked at every turn. */
  readonly calm: () => boolean;
  /** Brings what the manager said, what holds the service, and the reading to the engine, in this order. */
  readonly tell: (input: Input) => void;
  readonly holding: (service: Service) => Promise<void>;
  /** Turns a failure that is not to be believed into `unknown`. */
  readonly judge: (result: ProbeResult) => ProbeResult;
  /** Finds out whether the host is going down, which ends services without anything being wrong with them. */
  readonly lookAtHost?: () => Promise<void> | undefined;
  /** Finds out whether the way to a remote host works, before its failure is believed. */
  readonly lookAtWay?: () => Promise<void>;
  readonly onBug: (error: unknown, about: string) => void;
}

/** Why this pass is made. */
export interface Turn {
  /** Something happened: it is likely to have failed. */
  readonly nudged?: boolean;
  /** Aborts when the agent stops: then the probe is ended, and what it says is no longer told. */
  readonly stopped?: AbortSignal;
}

/** Beyond its own deadline a probe gets this many milliseconds to end by itself. */
const GRACE = 500;
/** How old, in milliseconds, the manager's word may be while all is well: where it tells of changes by itself, and elsewhere. */
const CALM_AGE = { told: 15_000, untold: 5000 };

const NO_MANAGER: ManagerReport = { intent: 'unknown', activity: 'unknown', detail: 'no manager' };

/** How old the manager's word may be while the engine sees nothing wrong. */
function calmAgeOf(manager: ReturnType<ManagerDesk['managerOf']>): number {
  return manager?.follow === undefined ? CALM_AGE.untold : CALM_AGE.told;
}

/**
 * Tells at once what a pass would find, where that is certain without one; false where it is not. A thousand processes that
 * run, and of whose end the kernel would tell, are passed over each second this way.
 */
export function tellForegone(parts: CycleParts): boolean {
  const { host, kind, service, check, memory, desk } = parts;
  if (kind.foregone === undefined || service.holdWhile.length > 0 || !parts.calm()) return false;
  const report = desk.remembered(service.name, calmAgeOf(desk.managerOf(service.name)));
  if (report === undefined) return false;
  const { judged } = readingsFor(check, kind);
  const given = { options: check.options as never, host, carry: memory.carry, judged, report };
  const result = kind.foregone(given);
  if (result === undefined) return false;
  const beganAt = host.clock.instant().now;
  keepExhibit(memory, result, beganAt);
  if (result.carry !== undefined) memory.carry = result.carry;
  const { name } = service;
  const judgedResult = parts.judge(result);
  parts.tell({
    type: 'observed',
    service: name,
    check: check.name,
    result: judgedResult,
    tookMs: 0,
    beganAt,
  });
  return true;
}

/** One pass over one check: gathers facts, looks, tells the engine. Never throws, always ends soon after its deadline. */
export async function runCycle(parts: CycleParts, turn: Turn = {}): Promise<void> {
  const { host, service, check, desk } = parts;
  const started = host.clock.monotonic();
  // `Instant.now` has whole milliseconds: reckoned back from the end, half of the quick probes would begin one too early.
  const beganAt = host.clock.instant().now;
  const calm = parts.calm();
  const manager = desk.managerOf(service.name);
  const hasManager = manager !== undefined;
  const calmAge = calmAgeOf(manager);
  let report: ManagerReport | undefined;
  let remembered = false;
  const ask = async (): Promise<ManagerReport> => {
    report = (await desk.report(service.name)) ?? NO_MANAGER;
    return report;
  };
  /** While all is well the manager's word of a moment ago does: whoever is told of changes forgets it then. */
  const recall = async (): Promise<ManagerReport> => {
    if (!calm || desk.age(service.name) > calmAge) return ask();
    remembered = true;
    return (await desk.report(service.name, calmAge)) ?? NO_MANAGER;
  };
  const early = hasManager && (!calm || desk.age(service.name) > calmAge) ? ask() : undefined;
  // What it was nudged for has happened: the answer is about that moment, and a repair need not wait for it.
  const hostLooked = turn.nudged === true && calm ? parts.lookAtHost?.() : undefined;
  const held = service.holdWhile.length > 0 ? parts.holding(service) : undefined;
  let seen = await look(parts, turn, hasManager ? recall : undefined);
  if (isOver(turn)) return;
  // Not by what was remembered, which may be about a process of before.
  if (remembered && seen.outcome !== 'read') seen = await look(parts, turn, ask);
  let result = parts.judge(seen);
  const tookMs = host.clock.monotonic() - started;
  if (early !== undefined) await early;
  if (held !== undefined) await held;
  // Whether somebody stopped it, or the whole host, must be known before a failure is believed.
  if (result.outcome !== 'read') {
    const before: ManagerReport | undefined = report;
    const host = hostLooked ?? parts.lookAtHost?.();
    await Promise.all([hasManager ? ask() : undefined, host, parts.lookAtWay?.()]);
    result = parts.judge(cameUp(before, report) ? await look(parts, turn, ask) : seen);
  }
  if (isOver(turn)) return;
  if (report !== undefined) parts.tell({ type: 'reported', service: service.name, report });
  parts.tell({ type: 'observed', service: service.name, check: check.name, result, tookMs, beganAt });
}

function isOver({ stopped }: Turn): boolean {
  return stopped?.aborted === true;
}

/** Its manager brought it up while it was looked at: what was seen is over. */
function cameUp(before: ManagerReport | undefined, now: ManagerReport | undefined): boolean {
  return before !== undefined && before.activity !== 'running' && now?.activity === 'running';
}

async function look(
  parts: CycleParts,
  { stopped }: Turn,
  manager: (() => Promise<ManagerReport>) | undefined,
): Promise<ProbeResult> {
  const { host, kind, service, check, memory } = parts;
  const started = host.clock.instant().now;
  const given = new OpenLook(parts, manager);
  try {
    const result = await inTime(host.clock, given, kind.probe(given), stopped);
    keepExhibit(memory, result, started);
    if (result === undefined) return overdue(check.timeout);
    if (result.carry !== undefined) memory.carry = result.carry;
    return result;
  } catch (error) {
    keepExhibit(memory, undefined, started);
    if (given.late) return overdue(check.timeout);
    const refused = refusedBySystem(error);
    if (refused !== undefined) return { outcome: 'unknown', reason: refused };
    parts.onBug(error, `the probe of ${service.name}/${check.name}`);
    return {
      outcome: 'unknown',
      reason: 'the probe broke because of a mistake in watcher itself; the log has the details',
    };
  }
}

/** What one probe is given. Made for every look of every check, so it holds what it needs and no functions of its own. */
class OpenLook implements Look<never> {
  readonly options: never;
  readonly host: Host;
  readonly service: string;
  readonly timeout: number;
  readonly wanted: ReadonlySet<string>;
  readonly judged: ReadonlySet<string>;
  readonly manager: (() => Promise<ManagerReport>) | undefined;
  readonly carry: unknown;
  /** Its time is up. */
  late = false;
  private abort: AbortController | undefined;

  constructor({ host, kind, service, check, memory }: CycleParts, manager: OpenLook['manager']) {
    const { wanted, judged } = readingsFor(check, kind);
    this.options = check.options as never;
    this.host = host;
    this.service = service.name;
    this.timeout = check.timeout;
    this.wanted = wanted;
    this.judged = judged;
    this.manager = manager;
    this.carry = memory.carry;
  }

  /** Made for those who use it: most probes of this machine end before they could be stopped. */
  get signal(): AbortSignal {
    this.abort ??= new AbortController();
    if (this.late) this.end();
    return this.abort.signal;
  }

  end(): void {
    this.late = true;
    this.abort?.abort(new Error('the time of the probe is up'));
  }
}

/** An answer from before is no answer to this probe: it stays, but marked. */
function keepExhibit(memory: CheckMemory, result: ProbeResult | undefined, now: number): void {
  if (result !== undefined && result.outcome !== 'unknown' && result.exhibit !== undefined) {
    memory.exhibit = result.exhibit;
    memory.exhibitIsOld = false;
    memory.exhibitAt = now;
  } else memory.exhibitIsOld = true;
}

/** The probe's result; after its deadline the look ends, and a moment later nothing more is waited for. */
function inTime(
  clock: Clock,
  given: OpenLook,
  probing: Promise<ProbeResult>,
  stopped: AbortSignal | undefined,
): Promise<ProbeResult | undefined> {
  return new Promise((resolve, reject) => {
    const ends = stopped && endsOf(stopped);
    const end = (): void => {
      timer.cancel();
      timer = clock.after(GRACE, () => {
        settle();
        resolve(undefined);
      });
      given.end();
    };
    let timer = clock.after(given.timeout, end);
    const settle = (): void => {
      timer.cancel();
      ends?.delete(end);
    };
    ends?.add(end);
    probing.then(
      (result) => {
        settle();
        resolve(result);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/** What ends the probes under way when the agent stops: one listener for all, as thousands come and go each second. */
const underWay = new WeakMap<AbortSignal, Set<() => void>>();

function endsOf(stopped: AbortSignal): Set<() => void> {
  const known = underWay.get(stopped);
  if (known !== undefined) return known;
  const ends = new Set<() => void>();
  underWay.set(stopped, ends);
  const endAll = (): void => {
    for (const end of [...ends]) {
      ends.delete(end);
      end();
    }
  };
  stopped.addEventListener('abort', endAll, { once: true });
  return ends;
}

interface WantedReadings {
  readonly wanted: ReadonlySet<string>;
  readonly judged: ReadonlySet<string>;
}

/** A check is never changed, so what it wants is worked out once for as long as it lives. */
const wantedBy = new WeakMap<Check, WantedReadings>();

/** What the conditions look at and what is shown first; costly readings that nobody looks at need not be taken. */
function readingsFor(check: Check, { headline }: CheckKind): WantedReadings {
  const known = wantedBy.get(check);
  if (known !== undefined) return known;
  const conditions = [...check.expect, ...check.warn];
  const judged = new Set(conditions.flatMap((condition) => [...readingsOf(condition)]));
  const found = { wanted: new Set([...headline, ...judged]), judged };
  wantedBy.set(check, found);
  return found;
}

function overdue(timeout: number): ProbeResult {
  return { outcome: 'unknown', reason: `the probe did not end within its ${timeout} ms` };
}
