import type { Config } from '../../model/config.ts';
import type { OptionsOf, ReadContext } from '../../schema/field.ts';
import type { MapNode } from '../../schema/node.ts';
import { defaultsOf, readKnown } from '../../schema/read-fields.ts';
import { type Name, plainNames } from '../fields/names.ts';
import { agentSettings } from '../settings/agent-settings.ts';

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
  readonly windowNames: readonly Name[];
  /** Without a problem; else defaults stand in for what could not be read, so that the rest can be looked at. */
  readonly complete: boolean;
}

/** Keys of the settings that others read. */
const elsewhere = ['rules', 'include', 'templates', 'defaults', 'notifiers', 'services'];

/** Reads what watcher.yaml says of the agent itself. */
export function resolveAgent(map: MapNode, context: ReadContext): AgentDraft {
  const { values, complete } = readKnown(agentSettings, map, context, { known: elsewhere });
  const set = { ...defaultsOf(agentSettings), ...values } as OptionsOf<typeof agentSettings>;
  const { max_repairs: most, log, routes, maintenance } = set;
  return {
    settings: {
      ...(set.host_name === undefined ? {} : { hostName: set.host_name }),
      ...(set.state_dir === undefined ? {} : { stateDir: set.state_dir }),
      ...(set.socket === undefined ? {} : { socket: set.socket }),
      notify: plainNames(set.notify),
      routes: routes.map(({ route }) => route),
      maintenance: maintenance.map(({ window }) => window),
      ...(set.heartbeat === undefined ? {} : { heartbeat: set.heartbeat }),
      notices: { groupWait: set.notices.group_wait },
      maxRepairs: typeof most === 'number' ? { host: most, groups: {} } : most,
      uplink: set.uplink.map(({ host, port }) =>
        host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      ),
      watchFiles: set.watch,
      ...(set.nudges ? {} : { nudges: false }),
      log: typeof log === 'string' ? { level: log } : log,
    },
    notifierNames: [...set.notify, ...routes.flatMap(({ notify }) => notify)],
    serviceNames: [...routes, ...maintenance].flatMap(({ services }) => services),
    groupNames: [...routes, ...maintenance].flatMap(({ groups }) => groups),
    windowNames: maintenance.map(({ name }) => name),
    complete,
  };
}
