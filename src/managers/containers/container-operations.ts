import type { OperationResult } from '../../model/manager.ts';
import type { ManagerContext } from '../manager-kind.ts';
import { done, failed } from '../outcome.ts';
import { until } from '../until.ts';
import type { Container, ContainerApi } from './container-api.ts';

export interface ContainersToOperate {
  readonly api: ContainerApi;
  readonly context: ManagerContext;
  readonly containers: readonly Container[];
  /** How many containers the service has. */
  readonly of: number;
  /** Why there are none. */
  readonly reason?: string | undefined;
}

/** Beyond the engine's own grace period, for its answer. */
const answerWithin = 15_000;

/** One container after the other, so that not all of them are away at once. */
export async function operateContainers(
  target: ContainersToOperate,
  kind: 'start' | 'stop' | 'restart' | 'reload',
  signal?: AbortSignal,
): Promise<OperationResult> {
  const { clock } = target.context.host;
  const began = clock.monotonic();
  if (target.reason !== undefined) return failed(target.reason, began, clock.monotonic());
  const troubles: string[] = [];
  const pids: number[] = [];
  for (const container of target.containers) {
    const outcome = await operateOne(target, container, kind, signal);
    if (typeof outcome === 'string') troubles.push(outcome);
    else if (outcome > 0) pids.push(outcome);
  }
  const now = clock.monotonic();
  if (troubles.length > 0) return failed(troubles.join('; '), began, now);
  const words = { start: 'started', stop: 'stopped', restart: 'restarted', reload: 'reloaded (SIGHUP sent)' };
  const of = target.of === 1 ? '' : ` ${target.containers.length} of ${target.of} containers`;
  return done(`${words[kind]}${of}${pids.length === 0 ? '' : `, pid ${pids.join(', ')}`}`, began, now);
}

/** The pid it runs with now (0 when it is stopped), or a sentence about what went wrong. */
async function operateOne(
  target: ContainersToOperate,
  container: Container,
  kind: 'start' | 'stop' | 'restart' | 'reload',
  signal: AbortSignal | undefined,
): Promise<number | string> {
  const { api, context } = target;
  const name = container.Name.replace(/^\//, '');
  const grace = Math.ceil(context.stopTimeout / 1000);
  // A paused container can neither be stopped cleanly nor started.
  if (container.State.Status === 'paused')
    await api.post(`/containers/${container.Id}/unpause`, answerWithin, signal);
  const path = {
    start: `/containers/${container.Id}/start`,
    stop: `/containers/${container.Id}/stop?t=${grace}`,
    restart: `/containers/${container.Id}/restart?t=${grace}`,
    reload: `/containers/${container.Id}/kill?signal=HUP`,
  }[kind];
  const asked = await api.post(path, context.stopTimeout + answerWithin, signal);
  if (!asked.ok) return `${kind} of ${name} failed: ${asked.reason}`;
  if (kind === 'reload') return container.State.Pid;
  const wanted = kind === 'stop' ? ['exited', 'stopped'] : ['running'];
  let last = '';
  const within = kind === 'stop' ? context.stopTimeout : context.startTimeout;
  const pid = await until(context.host.clock, { within, every: 100, signal }, async () => {
    const now = await api.get<Container>(`/containers/${container.Id}/json`);
    // A container that removes itself after its end (--rm) is stopped for good.
    if (!now.ok) return now.status === 404 && kind === 'stop' ? 0 : undefined;
    last = now.value.State.Status;
    return wanted.includes(last) ? now.value.State.Pid : undefined;
  });
  return pid ?? `${kind} of ${name} was asked for, but it is ${last === '' ? 'unknown' : last}`;
}
