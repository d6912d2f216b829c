import type { Config, MaintenanceWindow, Route } from '../model/config.ts';
import type { OptionsOf, ReadContext } from '../schema/field.ts';
import type { MapNode, Node } from '../schema/node.ts';
import { defaultsOf, readKnown } from '../schema/read-fields.ts';
import { checkCron } from './fields/calendar-time.ts';
import { type Name, plainNames } from './fields/names.ts';
import { entryOf } from './merge-nodes.ts';
import { agentSettings } from './settings/agent-settings.ts';

/** The agent's own settings with the names in them. */
export interface AgentDraft {
  readonly settings: Omit<
    Config,
    'services' | 'notifiers' | 'secrets' | 'file' | 'stateDir' | 'socket' | 'hostName'
  > & {
    readonly stateDir?: string;
    readonly socket?: string;
    readonly hostName?: string;
  };
  readonly notifierNames: readonly Name[];
  readonly serviceNames: readonly Name[];
  readonly groupNames: readonly Name[];
}

/** Keys of the settings that others read. */
const elsewhere = ['rules', 'include', 'templates', 'defaults', 'notifiers', 'services'];

type Settings = OptionsOf<typeof agentSettings>;

/** Reads what watcher.yaml says of the agent itself; undefined after at least one problem. */
export function resolveAgent(map: MapNode, context: ReadContext): AgentDraft | undefined {
  const { values, complete } = readKnown(agentSettings, map, context, { known: elsewhere });
  const set = { ...defaultsOf(agentSettings), ...values } as Settings;
  const windows = set.maintenance.map((window, index) =>
    readWindow(window, itemOf(map, 'maintenance', index), context),
  );
  const routes = set.routes.map((route, index) => readRoute(route, itemOf(map, 'routes', index), context));
  if (!complete) return undefined;
  if (!windows.every((window) => window !== undefined) || !routes.every((route) => route !== undefined)) {
    return undefined;
  }
  const { max_repairs: most, log } = set;
  return {
    settings: {
      ...(set.host_name === undefined ? {} : { hostName: set.host_name }),
      ...(set.state_dir === undefined ? {} : { stateDir: set.state_dir }),
      ...(set.socket === undefined ? {} : { socket: set.socket }),
      notify: plainNames(set.notify),
      routes,
      maintenance: windows,
      ...(set.heartbeat === undefined ? {} : { heartbeat: set.heartbeat }),
      notices: { groupWait: set.notices.group_wait },
      maxRepairs: typeof most === 'number' ? { host: most, groups: {} } : most,
      uplink: set.uplink.map(({ host, port }) =>
        host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      ),
      watchFiles: set.watch,
      log: typeof log === 'string' ? { level: log } : log,
    },
    notifierNames: [...set.notify, ...set.routes.flatMap((route) => route.notify)],
    serviceNames: [
      ...set.routes.flatMap(({ match }) => match.services ?? []),
      ...set.maintenance.flatMap((window) => window.services),
    ],
    groupNames: [
      ...set.routes.flatMap(({ match }) => match.groups ?? []),
      ...set.maintenance.flatMap((window) => window.groups),
    ],
  };
}

function readRoute(
  route: Settings['routes'][number],
  node: Node | undefined,
  context: ReadContext,
): Route | undefined {
  const { match } = route;
  const { during } = match;
  const time =
    during === undefined ? undefined : checkCron(cronOf(during), cronNode(node, 'match', 'during'), context);
  if (during !== undefined && time === undefined) return undefined;
  return {
    match: {
      ...(match.services === undefined ? {} : { services: plainNames(match.services) }),
      ...(match.groups === undefined ? {} : { groups: plainNames(match.groups) }),
      ...(match.labels === undefined ? {} : { labels: match.labels }),
      ...(match.severity === undefined ? {} : { severity: match.severity }),
      ...(during === undefined || time === undefined ? {} : { during: { ...time, duration: during.for } }),
    },
    notify: plainNames(route.notify),
    replace: route.replace,
  };
}

function readWindow(
  window: Settings['maintenance'][number],
  node: Node | undefined,
  context: ReadContext,
): MaintenanceWindow | undefined {
  const { cron, timezone, for: duration, from, until } = window;
  const common = {
    name: window.name,
    services: plainNames(window.services),
    groups: plainNames(window.groups),
    repairs: window.repairs,
  };
  const recurring = cron !== undefined && duration !== undefined && from === undefined && until === undefined;
  const once = from !== undefined && cron === undefined && timezone === undefined;
  const end = until ?? (from === undefined || duration === undefined ? undefined : from + duration);
  const tooMuch = until !== undefined && duration !== undefined;
  if (recurring) {
    const zone = timezone === undefined ? {} : { timezone };
    const time = checkCron({ cron, ...zone }, cronNode(node), context);
    return time === undefined ? undefined : { ...common, when: { ...time, duration } };
  }
  if (once && end !== undefined && end > from && !tooMuch) return { ...common, when: { from, until: end } };
  context.report({
    level: 'error',
    code: 'bad-window',
    message:
      once && end !== undefined && end <= from
        ? `the maintenance window '${window.name}' ends before it begins`
        : `the maintenance window '${window.name}' must say either cron: and for:, or from: and until:`,
    ...(node === undefined ? {} : { place: node.place }),
  });
  return undefined;
}

function cronOf(time: { readonly cron: string; readonly timezone?: string }) {
  return { cron: time.cron, ...(time.timezone === undefined ? {} : { timezone: time.timezone }) };
}

function itemOf(map: MapNode, key: string, index: number): Node | undefined {
  const node = entryOf(map, key)?.value;
  return node?.kind === 'list' ? node.items[index] : undefined;
}

function cronNode(node: Node | undefined, ...path: readonly string[]): Node {
  let at = node;
  for (const key of [...path, 'cron']) {
    if (at?.kind === 'map') at = entryOf(at, key)?.value ?? at;
  }
  return at ?? { kind: 'list', items: [], place: { file: '', line: 1, column: 1, length: 1 } };
}
