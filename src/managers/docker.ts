import type { Host } from '../host/host.ts';
import type { OptionsOf } from '../schema/field.ts';
import { list, path, text } from '../schema/fields.ts';
import { containerApi } from './container-api.ts';
import { openContainers } from './container-manager.ts';
import { type Discovered, defineManager } from './manager-kind.ts';

const defaultSocket = '/var/run/docker.sock';

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
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'State, health, exit code, out-of-memory kills, restart count, all processes by cgroup, log.',
    events: "Every change, through the engine's event stream.",
    rights: "Reading and writing the engine's socket: root, or its group (which is as good as root).",
    intent:
      'Stopped on purpose: docker stop, kill or pause, told by the events that Docker remembers (the last 256). Where they are gone, a container that its restart policy would have started counts as stopped on purpose.',
  },
  example: 'manager: { docker: api }',
  open: (given: OptionsOf<typeof options>, context) =>
    openContainers(
      { engine: 'Docker', socket: given.socket, container: given.container, labels: labelsOf(given) },
      context,
    ),
  discover: (host) => discoverContainers(host, defaultSocket, 'docker', 'Docker'),
});

/** Running containers of an engine. */
export async function discoverContainers(
  host: Host,
  socket: string,
  kind: string,
  engine: string,
): Promise<readonly Discovered[]> {
  if (!(await host.files.exists(socket))) return [];
  const answer = await containerApi(host, socket, engine).get<
    readonly { readonly Names: readonly string[]; readonly Image: string; readonly Status: string }[]
  >('/containers/json');
  if (!answer.ok) return [];
  return answer.value.map(({ Names: names, Image: image, Status: status }) => {
    const name = (names[0] ?? '').replace(/^\//, '');
    return { name, manager: { [kind]: name }, detail: `${image}, ${status}` };
  });
}
