import type { OptionsOf } from '../schema/field.ts';
import { list, path, text } from '../schema/fields.ts';
import { openContainers } from './containers/container-manager.ts';
import { discoverContainers, labelsOf } from './docker.ts';
import { defineManager } from './manager-kind.ts';

const defaultSocket = '/run/podman/podman.sock';

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
  socket: path({
    summary:
      "Podman's API socket (systemctl enable --now podman.socket); of a user: /run/user/UID/podman/podman.sock.",
    default: defaultSocket,
  }),
};

/** Containers of Podman, over the same API as Docker's. */
export const podman = defineManager({
  kind: 'podman',
  summary: 'A container of Podman, or all that carry a label or belong to a compose project.',
  options,
  main: 'container',
  oneOf: ['container', 'label', 'compose'],
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'State, health, exit code, out-of-memory kills, all processes by cgroup, log.',
    events: "Every change, through Podman's event stream.",
    rights: "Reading and writing Podman's API socket, which must be enabled (podman.socket).",
    intent:
      'Stopped on purpose: what Podman itself would have started again by its restart policy and did not within 3 seconds, and what ended cleanly. Podman 4 keeps no trace of a stop: a container without a restart policy that ignored SIGTERM and was killed counts as failed, and as unknown where Podman has no events of it. Podman tells no signals: a death within the time to stop after podman kill, with whatever signal, counts as stopped, but not after a reload of the watcher.',
  },
  example: 'manager: { podman: api }',
  open: (given: OptionsOf<typeof options>, context) =>
    openContainers(
      { engine: 'Podman', socket: given.socket, container: given.container, labels: labelsOf(given) },
      context,
    ),
  discover: (host) => discoverContainers(host, defaultSocket, 'podman', 'Podman'),
});
