import type { Host } from '../host/host.ts';
import { formatDuration } from '../lib/duration.ts';
import type { ManagerReport, OperationResult } from '../model/manager.ts';
import type { ManagerContext } from './manager-kind.ts';
import { done, failed } from './outcome.ts';
import { mainsOf } from './together.ts';
import { until } from './until.ts';

/** What the manager answered to the request itself. */
export type Request =
  | { readonly ok: true; readonly output?: string | undefined }
  | { readonly ok: false; readonly reason: string; readonly output?: string | undefined };

export interface FollowThrough {
  readonly kind: 'start' | 'stop' | 'restart' | 'reload';
  readonly context: Pick<ManagerContext, 'startTimeout' | 'stopTimeout'> & {
    readonly host: Pick<Host, 'clock'>;
  };
  readonly signal?: AbortSignal | undefined;
  /** Asks the manager to do it; may take as long as the manager needs. */
  request(): Promise<Request>;
  report(): Promise<ManagerReport>;
}

const lookEvery = 50;
const pastTense = { start: 'started', stop: 'stopped', restart: 'restarted', reload: 'reloaded' } as const;

/**
 * Asks for an operation and waits until the manager's own report says that it is so: running after a start, another main
 * process after a restart, not running after a stop. What is already so is not asked for again.
 */
export async function followThrough(operation: FollowThrough): Promise<OperationResult> {
  const { kind, context, signal } = operation;
  const { clock } = context.host;
  const began = clock.monotonic();
  const before = await operation.report();
  if (kind === 'start' && before.activity === 'running') {
    return done(`already running${pidOf(before)}`, began, clock.monotonic());
  }
  if (kind === 'stop' && (before.activity === 'stopped' || before.activity === 'missing')) {
    return done(`not running (${before.detail})`, began, clock.monotonic());
  }
  const request = await operation.request();
  if (!request.ok) return failed(request.reason, began, clock.monotonic(), request.output);
  if (kind === 'reload') return done('reloaded', began, clock.monotonic(), request.output);

  const within = (kind === 'start' ? 0 : context.stopTimeout) + (kind === 'stop' ? 0 : context.startTimeout);
  let last = before;
  const end = await until(clock, { within, every: lookEvery, signal }, async () => {
    last = await operation.report();
    return isThere(kind, before, last) ? last : undefined;
  });
  const now = clock.monotonic();
  if (end !== undefined)
    return done(`${pastTense[kind]}${kind === 'stop' ? '' : pidOf(end)}`, began, now, request.output);
  return failed(
    `${kind} was asked for, but after ${formatDuration(now - began)}: ${last.detail}`,
    began,
    now,
    request.output,
  );
}

function isThere(kind: FollowThrough['kind'], before: ManagerReport, now: ManagerReport): boolean {
  if (kind === 'stop') return ['stopped', 'failed', 'missing'].includes(now.activity);
  if (now.activity !== 'running') return false;
  const earlier = mainsOf(before);
  const later = mainsOf(now);
  if (kind === 'start' || earlier.length === 0 || later.length === 0) return true;
  // Of several only those that were broken are made anew.
  return later.some(({ pid, start }) => !earlier.some((one) => one.pid === pid && one.start === start));
}

function pidOf(report: ManagerReport): string {
  return report.main === undefined ? '' : `, pid ${report.main.pid}`;
}
