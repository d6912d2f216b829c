import type { CheckKind, Look } from '../checks/check-kind.ts';
import { readingsOf } from '../conditions/usage.ts';
import type { Clock } from '../host/clock.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { Exhibit, ProbeResult } from '../model/reading.ts';
import type { Check, Service } from '../model/service.ts';
import { refusedBySystem } from './refused-by-system.ts';

/** What one check keeps between its cycles. Lost on purpose when its rules change. */
export interface CheckMemory {
  carry?: unknown;
  /** What the last probe that brought something to show had seen, for the evidence. */
  exhibit?: Exhibit | undefined;
  /** When the probe that saw it began, in milliseconds of `Instant.now`. */
  exhibitAt?: number | undefined;
  /** Whether later probes had nothing to show, so that it is not what failed. */
  exhibitIsOld?: boolean | undefined;
  /** When a turn was last passed over, on the scale of `Instant.now`: nothing had changed, and nobody was told. Negative infinity: never. */
  passedAt?: number;
}

/** Nothing yet; every field by name, so that all have one shape for V8, and the time a number, which is changed in place. */
export function newCheckMemory(): Required<CheckMemory> {
  return {
    carry: undefined,
    exhibit: undefined,
    exhibitAt: undefined,
    exhibitIsOld: undefined,
    passedAt: Number.NEGATIVE_INFINITY,
  };
}

export interface LookParts {
  readonly host: Host;
  readonly kind: CheckKind;
  readonly service: Service;
  readonly check: Check;
  readonly memory: CheckMemory;
  readonly onBug: (error: unknown, about: string) => void;
}

/** Beyond its own deadline a probe gets this many milliseconds to end by itself. */
const GRACE = 500;

/** One look with the probe of a check, which `manager` tells what the manager says. Never throws, always ends soon after its deadline. */
export async function look(
  parts: LookParts,
  stopped: AbortSignal | undefined,
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

  constructor({ host, kind, service, check, memory }: LookParts, manager: OpenLook['manager']) {
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
export function keepExhibit(memory: CheckMemory, result: ProbeResult | undefined, now: number): void {
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
export function readingsFor(check: Check, { headline }: CheckKind): WantedReadings {
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
