import type { Timer } from '../../host/clock.ts';
import type { ManagerReport, OperationResult } from '../../model/manager.ts';
import type { Manager, ManagerContext } from '../manager-kind.ts';
import { membersFor, together } from '../together.ts';
import { type Container, containerApi, filtersQuery } from './container-api.ts';
import { followEngine } from './container-events.ts';
import { containerHistory } from './container-history.ts';
import { operateContainers } from './container-operations.ts';
import { containerReport } from './container-report.ts';

/** Which containers make up the service, on which engine. */
export interface ContainerTarget {
  readonly engine: 'Docker' | 'Podman';
  readonly socket: string;
  /** Name or id of one container, or labels that all of several carry. */
  readonly container?: string | undefined;
  readonly labels: readonly string[];
}

/** A service made of one container, or of all with the given labels. */
export function openContainers(target: ContainerTarget, context: ManagerContext): Manager {
  const { host } = context;
  const api = containerApi(host, target.socket, target.engine);
  /** Containers that the watcher's own restart stopped and did not get up again. */
  const following = new Map<() => void, () => void>();
  const history = containerHistory(host, api, target.engine);
  let recheck: Timer | undefined;
  const ownStops = new Set<string>();
  const filters: Readonly<Record<string, readonly string[]>> =
    target.container === undefined ? { label: target.labels } : { container: [target.container] };

  async function find(): Promise<
    | { readonly ok: true; readonly containers: readonly Container[] }
    | { readonly ok: false; readonly missing: boolean; readonly reason: string }
  > {
    if (target.container !== undefined) {
      const one = await api.get<Container>(`/containers/${encodeURIComponent(target.container)}/json`);
      return one.ok ? { ok: true, containers: [one.value] } : { ...one, missing: one.status === 404 };
    }
    // Without any they would be all containers of the machine.
    if (target.labels.length === 0) return { ok: false, missing: true, reason: 'no container is named' };
    const query = filtersQuery({ label: target.labels });
    const list = await api.get<readonly { readonly Id: string }[]>(`/containers/json?all=1&${query}`);
    if (!list.ok) return { ...list, missing: false };
    const all = await Promise.all(
      list.value.map(({ Id: id }) => api.get<Container>(`/containers/${id}/json`)),
    );
    const containers = all.flatMap((answer) => (answer.ok ? [answer.value] : []));
    if (containers.length > 0) return { ok: true, containers };
    return { ok: false, missing: true, reason: `no container has the label ${target.labels.join(' and ')}` };
  }

  async function reportOne(container: Container): Promise<ManagerReport> {
    const pid = container.State.Pid;
    const main = pid === 0 ? undefined : host.processes.identify(pid);
    const down = container.State.Status === 'exited' || container.State.Status === 'stopped';
    if (container.State.Status === 'running') {
      ownStops.delete(container.Id);
      history.forget(container.Id);
    }
    const cgroup =
      main === undefined ? undefined : (await host.processes.table()).byPid.get(pid)?.details().cgroup;
    const report = containerReport(container, {
      main,
      cgroup,
      pids: cgroup === undefined ? undefined : host.cgroups?.pids(cgroup),
      end: down ? await history.endOf(container) : 'unclear',
      wall: host.clock.instant().wall,
      ownStop: ownStops.has(container.Id),
    });
    if (report.activity === 'restarting') lookAgainIn(report.readyIn);
    return report;
  }

  /** Where the engine will tell nothing: a restart policy that does not come into force was a stop by hand. */
  function lookAgainIn(ms: number | undefined): void {
    if (ms === undefined || following.size === 0) return;
    recheck ??= host.clock.after(ms, () => {
      recheck = undefined;
      for (const tell of following.keys()) tell();
    });
  }

  async function report(): Promise<ManagerReport> {
    const found = await find();
    if (!found.ok) {
      return { intent: 'unknown', activity: found.missing ? 'missing' : 'unknown', detail: found.reason };
    }
    const members = await membersOf(found.containers);
    const [only] = members;
    return only !== undefined && members.length === 1 ? only.report : together('containers', members);
  }

  function membersOf(containers: readonly Container[]) {
    return Promise.all(
      containers.map(async (container) => {
        const name = container.Name.replace(/^\//, '');
        return { name, container, report: await reportOne(container) };
      }),
    );
  }

  return {
    report,
    async operate(kind, signal): Promise<OperationResult> {
      const found = await find();
      const members = found.ok ? await membersOf(found.containers) : [];
      const containers = membersFor(kind, members).map(({ container }) => container);
      for (const { Id: id } of containers) {
        if (kind === 'restart') ownStops.add(id);
        if (kind === 'stop') ownStops.delete(id);
      }
      const reason = found.ok ? undefined : found.reason;
      const target = { api, context, containers, of: members.length, reason };
      const carryOut = () => operateContainers(target, kind, signal);
      const result = await (kind === 'reload' ? history.reloading(carryOut) : carryOut());
      if (result.ok) ownStops.clear();
      return result;
    },
    async logs(lines) {
      const found = await find();
      if (!found.ok) return [found.reason];
      const all = await Promise.all(
        found.containers.map(async ({ Id: id }) => {
          const answer = await api.text(
            `/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&tail=${lines}`,
          );
          return answer.ok ? logLines(answer.value) : [];
        }),
      );
      return all.flat().sort().slice(-lines);
    },
    follow(changed) {
      const query = filtersQuery({ type: ['container'], ...filters });
      const tell = () => changed();
      following.set(tell, followEngine(host, target.socket, query, tell, history.engineLost));
      return () => {
        following.get(tell)?.();
        following.delete(tell);
      };
    },
    close() {
      for (const stop of following.values()) stop();
      following.clear();
      recheck?.cancel();
    },
  };
}

/**
 * Without a terminal every piece of a log begins with a head of 8 bytes (Docker Engine API, "Attach to a container",
 * stream format), which are no text; with time stamps asked for, the line begins where its time stamp does.
 */
export function logLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.slice(Math.max(0, line.search(/\d{4}-\d\d-\d\dT/))))
    .filter((line) => line !== '');
}
