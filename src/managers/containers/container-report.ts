import { constants } from 'node:os';
import type { ManagerReport, ProcessIdentity } from '../../model/manager.ts';
import type { Container } from './container-api.ts';
import type { ContainerEnd } from './container-end.ts';

/** What is known of one container beside what inspecting it tells. */
export interface AroundContainer {
  readonly main?: ProcessIdentity | undefined;
  readonly cgroup?: string | undefined;
  readonly pids?: readonly number[] | undefined;
  /** What the engine's events tell of its end. */
  readonly end: ContainerEnd;
  /** Wall milliseconds. */
  readonly wall: number;
  /** The watcher's own restart did not get it up again. */
  readonly ownStop: boolean;
}

/** The report of one container. */
export function containerReport(container: Container, around: AroundContainer): ManagerReport {
  const { State: state } = container;
  const lastExit = exitOf(container);
  const warnings = state.Health?.Status === 'unhealthy' ? [healthText(container)] : [];
  return {
    ...judge(container, around, lastExit),
    ...(around.main === undefined ? {} : { main: around.main }),
    ...(around.cgroup === undefined ? {} : { cgroup: around.cgroup }),
    ...(around.pids === undefined ? {} : { pids: around.pids }),
    ...(container.RestartCount === undefined ? {} : { restarts: container.RestartCount }),
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** 128 and SIGTERM: what a program leaves that does not handle the signal of a stop. */
const terminated = 143;
/** 128 and SIGKILL: of a stop whose time was over, of `docker kill`, and of whatever else kills. */
const killed = 137;

type Verdict = Pick<ManagerReport, 'intent' | 'activity' | 'detail' | 'readyIn' | 'maybeStopped'>;

/** So long after its end an engine without a daemon (Podman) may take to act on a restart policy. */
const policyWithin = 3_000;

function judge(container: Container, around: AroundContainer, lastExit: string | undefined): Verdict {
  const { State: state } = container;
  switch (state.Status) {
    case 'running': {
      const health = state.Health?.Status;
      if (health === 'starting')
        return { intent: 'run', activity: 'starting', detail: 'running, health: starting' };
      const shown = health === undefined || health === '' || health === 'none' ? '' : `, ${health}`;
      return { intent: 'run', activity: 'running', detail: `running${shown}` };
    }
    case 'restarting':
      return {
        intent: 'run',
        activity: 'restarting',
        detail: `restarting by itself, it ended with ${lastExit ?? 'exit code 0'}`,
      };
    case 'paused':
      return { intent: 'stopped', activity: 'stopped', detail: 'paused by hand' };
    case 'created':
    case 'configured':
    case 'initialized':
      return state.Error === ''
        ? { intent: 'stopped', activity: 'stopped', detail: 'made, but never started' }
        : { intent: 'run', activity: 'failed', detail: `could not be started: ${state.Error}` };
    case 'stopping':
    case 'removing':
      return { intent: 'unknown', activity: 'stopping', detail: state.Status };
    case 'dead':
      return { intent: 'run', activity: 'failed', detail: 'dead: the engine could not remove it' };
    default:
      return ended(container, around, lastExit);
  }
}

function ended(container: Container, around: AroundContainer, lastExit: string | undefined): Verdict {
  const how = lastExit ?? 'exit code 0';
  const error = container.State.Error === '' ? '' : `: ${container.State.Error}`;
  const policy = container.HostConfig.RestartPolicy ?? { Name: 'no', MaximumRetryCount: 0 };
  if (around.ownStop) {
    return {
      intent: 'run',
      activity: 'failed',
      detail: `it was stopped to be started again, and was not (${how}${error})`,
    };
  }
  const byHand = { intent: 'stopped', activity: 'stopped', detail: `stopped by hand (${how})` } as const;
  if (around.end === 'by-hand') return byHand;
  const failed = { intent: 'run', activity: 'failed' } as const;
  if (around.end === 'by-itself' || around.end === 'by-itself-late') {
    return { ...failed, detail: `it ended by itself (${how}${error})${gaveUp(container)}` };
  }
  const readyIn = policyWithin - (around.wall - Date.parse(container.State.FinishedAt));
  if (readyIn > 0 && isCovered(container)) {
    const detail = `it ended (${how}${error}), and its restart policy may start it again`;
    return { intent: 'run', activity: 'restarting', detail, readyIn };
  }
  if (around.end === 'after-the-engine') {
    // Also with `unless-stopped`: to Docker, too, its own signal was a stop by hand (moby, daemon/kill.go).
    const detail = `its engine was killed, and the new one ended it when it began (${how}) and does not start it again`;
    return { ...failed, detail };
  }
  // Nothing is known of it. The engine starts again whatever its policy covers, unless somebody stopped it.
  if (policy.Name === 'always' || policy.Name === 'unless-stopped') return byHand;
  const { ExitCode: code, OOMKilled: outOfMemory } = container.State;
  if (around.end === 'with-the-engine') {
    return { ...failed, detail: `it ended together with its engine (${how}), which does not start it again` };
  }
  const clean = code === 0 || code === terminated;
  if (clean && !outOfMemory) {
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: `ended cleanly (${how}), most likely stopped by hand`,
    };
  }
  const most = policy.MaximumRetryCount;
  if (policy.Name === 'on-failure' && (most === 0 || (container.RestartCount ?? 0) < most)) return byHand;
  if (around.end === 'forgotten' && code === killed && !outOfMemory) {
    // A stop that took too long ends like this, too: what somebody stopped must not be started against them.
    const detail = `ended (${how}), and the engine does not remember whether somebody stopped it: start it to have it watched again`;
    return { intent: 'unknown', activity: 'unknown', maybeStopped: true, detail };
  }
  return { ...failed, detail: `ended (${how}${error})${gaveUp(container)}` };
}

/** Whether the restart policy says that it is to be started after such an end. */
function isCovered({
  State: state,
  RestartCount: count = 0,
  HostConfig: { RestartPolicy: policy },
}: Container): boolean {
  if (policy?.Name === 'always' || policy?.Name === 'unless-stopped') return true;
  const most = policy?.MaximumRetryCount ?? 0;
  return policy?.Name === 'on-failure' && state.ExitCode !== 0 && (most === 0 || count < most);
}

function gaveUp(container: Container): string {
  const policy = container.HostConfig.RestartPolicy;
  const most = policy?.MaximumRetryCount ?? 0;
  return policy?.Name === 'on-failure' && most > 0 && (container.RestartCount ?? 0) >= most
    ? `; the engine gave up after ${most} restarts`
    : '';
}

/** Exit codes above 128 are a signal (docker-run(1), "Exit Status"). */
function exitOf(container: Container): string | undefined {
  const { State: state } = container;
  if (state.FinishedAt === '' || state.FinishedAt.startsWith('0001-')) return undefined;
  if (state.OOMKilled) return 'oom-kill';
  const signal = Object.entries(constants.signals).find(([, number]) => number + 128 === state.ExitCode)?.[0];
  return signal === undefined ? `exit code ${state.ExitCode}` : `signal ${signal.replace('SIG', '')}`;
}

function healthText(container: Container): string {
  const health = container.State.Health;
  const output = health?.Log?.at(-1)?.Output.trim().split('\n').at(-1) ?? '';
  const said = output === '' ? '' : `: ${output.slice(0, 200)}`;
  return `the container's own health check failed ${health?.FailingStreak ?? 0} times${said}`;
}
