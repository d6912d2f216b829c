import type { CheckKind } from '../checks/check-kind.ts';
import { readingsOf } from '../conditions/usage.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { Exhibit, ProbeResult } from '../model/reading.ts';
import type { Check, Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import type { ManagerDesk } from './manager-desk.ts';
import { within } from './within.ts';

/** What one check keeps between its cycles. Lost on purpose when its rules change. */
export interface CheckMemory {
  carry?: unknown;
  /** What the last probe that did not pass had seen, for the evidence. */
  exhibit?: Exhibit;
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
  readonly onBug: (error: unknown, about: string) => void;
}

/** Beyond its own deadline a probe gets this many milliseconds to end by itself. */
const GRACE = 500;
/** How old, in milliseconds, the manager's word may be while all is well and the probe itself does not ask. */
const CALM_AGE = 5000;

/** One pass over one check: gathers facts, looks, tells the engine. Never throws, always ends soon after its deadline. */
export async function runCycle(parts: CycleParts): Promise<void> {
  const { host, service, check, desk } = parts;
  const started = host.clock.monotonic();
  let report: ManagerReport | undefined;
  const ask = async (): Promise<ManagerReport> => {
    report = (await desk.report(service.name)) ?? {
      intent: 'unknown',
      activity: 'unknown',
      detail: 'no manager',
    };
    return report;
  };
  const hasManager = desk.managerOf(service.name) !== undefined;
  const early = hasManager && (!parts.calm() || desk.age(service.name) > CALM_AGE) ? ask() : undefined;
  const held = service.holdWhile.length > 0 ? parts.holding(service) : undefined;
  const result = parts.judge(await look(parts, hasManager ? ask : undefined));
  const tookMs = host.clock.monotonic() - started;
  await early;
  await held;
  // Whether somebody stopped it must be known before a failure is believed.
  if (result.outcome !== 'read' && hasManager) await ask();
  if (report !== undefined) parts.tell({ type: 'reported', service: service.name, report });
  parts.tell({ type: 'observed', service: service.name, check: check.name, result, tookMs });
}

async function look(
  parts: CycleParts,
  manager: (() => Promise<ManagerReport>) | undefined,
): Promise<ProbeResult> {
  const { host, kind, service, check, memory } = parts;
  const abort = new AbortController();
  const deadline = host.clock.after(check.timeout, () =>
    abort.abort(new Error('the time of the probe is up')),
  );
  try {
    const probing = kind.probe({
      options: check.options as never,
      host,
      service: service.name,
      timeout: check.timeout,
      signal: abort.signal,
      wanted: wantedReadings(check, kind),
      ...(manager === undefined ? {} : { manager }),
      ...(memory.carry === undefined ? {} : { carry: memory.carry }),
    });
    const result = await within(host.clock, check.timeout + GRACE, probing, undefined);
    if (result === undefined) return overdue(check.timeout);
    if (result.carry !== undefined) memory.carry = result.carry;
    if (result.outcome !== 'unknown' && result.exhibit !== undefined) memory.exhibit = result.exhibit;
    return result;
  } catch (error) {
    if (abort.signal.aborted) return overdue(check.timeout);
    parts.onBug(error, `the probe of ${service.name}/${check.name}`);
    return {
      outcome: 'unknown',
      reason: 'the probe broke because of a mistake in watcher itself; the log has the details',
    };
  } finally {
    deadline.cancel();
  }
}

/** A check is never changed, so what it wants is worked out once for as long as it lives. */
const wantedBy = new WeakMap<Check, ReadonlySet<string>>();

/** What the conditions look at and what is shown first; costly readings that nobody looks at need not be taken. */
function wantedReadings(check: Check, { headline }: CheckKind): ReadonlySet<string> {
  const known = wantedBy.get(check);
  if (known !== undefined) return known;
  const conditions = [...check.expect, ...check.warn];
  const wanted = new Set([...headline, ...conditions.flatMap((condition) => [...readingsOf(condition)])]);
  wantedBy.set(check, wanted);
  return wanted;
}

function overdue(timeout: number): ProbeResult {
  return { outcome: 'unknown', reason: `the probe did not end within its ${timeout} ms` };
}
