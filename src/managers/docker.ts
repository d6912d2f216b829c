import type { Host } from '../host/host.ts';
import type { OptionsOf } from '../schema/field.ts';
import { list, path, text } from '../schema/fields.ts';
import { type Container, containerApi } from './containers/container-api.ts';
import { openContainers } from './containers/container-manager.ts';
import { type Discovery, defineManager, notHere } from './manager-kind.ts';

const defaultSocket = '/var/run/docker.sock';
const mostInspected = 200;

/** One element of `GET /containers/json`. */
interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly Status: string;
}

const options = {
  container: text({ summary: 'Name or id of the container.', optional: true, example: 'api' }),
  label: list(text({ summary: '' }), {
    summary: 'All containers with this label, or with all of these, are the service.',
    optional: true,
    single: true,
    example: 'app=web',
  }),
  compose: text({
    summary: 'A compose project, or one service of it as project/service.',
    optional: true,
    example: 'shop/api',
  }),
  socket: path({ summary: "The engine's socket.", default: defaultSocket }),
};

/** The labels that the options ask for. Compose marks its containers: Compose Specification, "Labels". */
export function labelsOf(given: {
  readonly label?: readonly string[] | undefined;
  readonly compose?: string | undefined;
}): readonly string[] {
  const [project, service] = given.compose?.split('/') ?? [];
  return [
    ...(given.label ?? []),
    ...(project === undefined ? [] : [`com.docker.compose.project=${project}`]),
    ...(service === undefined ? [] : [`com.docker.compose.service=${service}`]),
  ];
}

/** Containers of the Docker engine, over its socket. */
export const docker = defineManager({
  kind: 'docker',
  summary: 'A container of Docker, or all that carry a label or belong to a compose project.',
  options,
  main: 'container',
  oneOf: ['container', 'label', 'compose'],
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'State, health, exit code, out-of-memory kills, restart count, all processes by cgroup, log.',
    events: "Every change, through the engine's event stream.",
    rights: "Reading and writing the engine's socket: root, or its group (which is as good as root).",
    intent:
      'Stopped on purpose: docker stop, pause, or a kill by a signal that ends programs (KILL, TERM, INT, QUIT, its own stop signal) which it did end by, told by the events that Docker remembers (the last 256, until it is restarted itself). Where they are gone, a container that its restart policy would have started, or that ended cleanly, counts as stopped on purpose; one that was killed is unknown, and never repaired, until it is started again. What ended together with Docker while the watcher looked is a failure. So is what outlived a Docker that was killed and was ended by the next one, unless live restore is on. After any signal Docker acts on no restart policy any more: the watcher does.',
  },
  example: 'manager: { docker: api }',
  open: (given: OptionsOf<typeof options>, context) =>
    openContainers(
      { engine: 'Docker', socket: given.socket, container: given.container, labels: labelsOf(given) },
      context,
    ),
  discover: (host) => discoverContainers(host, defaultSocket, 'docker', 'Docker'),
});

/** Containers of an engine that run, or that their restart policy says are wanted. */
export async function discoverContainers(
  host: Host,
  socket: string,
  kind: string,
  engine: string,
): Promise<Discovery> {
  if (!(await host.files.exists(socket))) return notHere;
  const api = containerApi(host, socket, engine);
  const answer = await api.get<readonly Listed[]>('/containers/json?all=1');
  if (!answer.ok) return { present: true, services: [], trouble: answer.reason };
  const found = await Promise.all(
    answer.value
      .slice(0, mostInspected)
      .map(async ({ Id: id, Names: names, Image: image, Status: status }) => {
        const name = (names[0] ?? '').replace(/^\//, '');
        const one = await api.get<Container>(`/containers/${id}/json`);
        const pid = one.ok ? one.value.State.Pid : 0;
        const policy = one.ok ? (one.value.HostConfig.RestartPolicy?.Name ?? 'no') : 'no';
        return {
          name,
          manager: { [kind]: name },
          detail: `${image}, ${status}`,
          pids: pid > 0 ? [pid] : [],
          ...(policy === 'no' || policy === '' ? {} : { restarts: `restart policy ${policy}` }),
          lasting: true,
        };
      }),
  );
  const services = found.filter(({ pids, restarts }) => pids.length > 0 || restarts !== undefined);
  return { present: true, services };
}
