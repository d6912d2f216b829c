import { formatDuration } from '../../lib/duration.ts';
import { getFromShelf } from '../../lib/shelf.ts';
import type { Config } from '../../model/config.ts';
import type { Severity } from '../../model/service.ts';
import type { CheckStateName, EngineState, ServiceState, ServiceStateName } from '../../model/state.ts';
import { serviceSince } from '../checks/since.ts';
import { indexOf } from '../config-index.ts';

/** Worst first. */
const ORDER: readonly CheckStateName[] = ['down', 'failing', 'unknown', 'warning', 'pending', 'up', 'paused'];

/** Whether results mean anything: not while it is unmonitored, or stopped on purpose. */
export function isWatched(service: ServiceState): boolean {
  return service.monitored && service.stop === undefined;
}

/** Whether something is being done to it at this moment. */
export function isUnderOperation(service: ServiceState | undefined): boolean {
  return service?.operation !== undefined;
}

/** Whether something is being done to it, or about to be, that makes its readings meaningless. */
export function isBeingOperated(service: ServiceState): boolean {
  return (
    isUnderOperation(service) || service.queue.some(({ by }) => by === 'operator' || by === 'dependency')
  );
}

/** The state of a service, from what is being done to it and the worst of its checks. */
export function deriveState(service: ServiceState): ServiceStateName {
  const doing = (kind: string) =>
    service.operation?.kind === kind || (isBeingOperated(service) && service.queue[0]?.kind === kind);
  if (service.stop) return doing('stop') ? 'stopping' : 'stopped';
  if (!service.monitored) return 'unmonitored';
  if (doing('stop')) return 'stopping';
  if (doing('start') || doing('restart')) return 'starting';
  const { startup } = service;
  if (startup && startup.kind !== 'reload' && startup.kind !== 'run') {
    return service.report?.activity === 'stopping' ? 'stopping' : 'starting';
  }
  const worst = worstOf(service);
  // Ready, and passing for less often than `recover_after`: neither down any more nor known to be up.
  return worst === 'down' && service.repair.verifying && downInName(service) ? 'starting' : worst;
}

function downInName(service: ServiceState): boolean {
  return Object.values(service.checks).every(
    ({ state, judgement }) => state !== 'down' || judgement?.verdict === 'ok',
  );
}

function worstOf(service: ServiceState): CheckStateName {
  let worst = ORDER.length;
  for (const name in service.checks) {
    const rank = ORDER.indexOf(service.checks[name]?.state ?? 'pending');
    if (rank < worst) worst = rank;
  }
  return ORDER[worst] ?? 'up';
}

/** One service for people: what `summary` and `status` show of it. */
export interface ServiceView {
  readonly state: ServiceStateName;
  /** Since when, on the scale of `now`. */
  readonly since: number;
  /** What is wrong, one line; empty when nothing is. */
  readonly problem: string;
  readonly severity?: Severity;
  /** Ids of its open incidents. */
  readonly incidents: readonly string[];
  /** `restart running`, `restart on trial for 41 s`, `stood down` */
  readonly activity?: string;
}

/** Undefined when there is no such service. */
export function serviceState(
  state: EngineState,
  config: Config,
  name: string,
  now: number,
): ServiceView | undefined {
  const service = getFromShelf(state.services, name);
  if (!service) return undefined;
  const incidents = Object.values(service.checks).flatMap(({ incident }) => incident ?? []);
  const severities = incidents.map((id) => getFromShelf(state.incidents, id)?.severity);
  const severity = severities.includes('critical') ? 'critical' : severities.find(Boolean);
  const activity = activityOf(service, now);
  return {
    state: service.state,
    since: serviceSince(service, state),
    problem: problemOf(service, config, state),
    ...(severity && { severity }),
    incidents,
    ...(activity && { activity }),
  };
}

function problemOf(service: ServiceState, config: Config, state: EngineState): string {
  if (!service.monitored || service.stop) return service.stop ? `stopped by ${service.stop.by}` : '';
  const checks = indexOf(config).services.get(service.name)?.service.checks ?? [];
  const bad = checks
    .flatMap((check) => service.checks[check.name] ?? [])
    .filter((check) => ['down', 'failing', 'unknown', 'warning'].includes(check.state))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const [worst] = bad;
  if (!worst) return service.holding ?? '';
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : '';
  const about = worst.incident && getFromShelf(state.incidents, worst.incident)?.summary;
  const now = worst.judgement?.verdict === 'ok' ? about : worst.judgement?.summary;
  return `${worst.name}: ${now ?? about ?? worst.state}${more}`;
}

function activityOf(service: ServiceState, now: number): string | undefined {
  const { operation, queue, startup, repair } = service;
  if (operation) return `${operation.kind} running for ${formatDuration(now - (operation.startedAt ?? now))}`;
  if (queue[0]) return `${queue[0].kind} waits its turn`;
  const { verifying } = repair;
  if (startup) {
    const what =
      startup.kind === 'manager'
        ? 'its manager is bringing it up'
        : `waits until ready after ${startup.kind}`;
    return `${what}, ${formatDuration(Math.max(0, startup.until - now))} left`;
  }
  if (verifying)
    return `${verifying.kind} on trial for ${formatDuration(Math.max(0, verifying.until - now))}`;
  if (repair.stoodDownAt !== undefined) return 'stood down';
  return service.holding === undefined ? undefined : `held: ${service.holding}`;
}
