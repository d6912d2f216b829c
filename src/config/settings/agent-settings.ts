import {
  anything,
  choice,
  duration,
  either,
  flag,
  group,
  hostPort,
  integer,
  list,
  path,
  record,
  text,
  url,
} from '../../schema/fields.ts';
import { cadence } from '../fields/calendar-time.ts';
import { maintenanceWindow } from '../fields/maintenance-window.ts';
import { names } from '../fields/names.ts';
import { routeField } from '../fields/route.ts';

const mostAtOnce = integer({ summary: 'Most repairs at once.', min: 1, max: 1000 });

/** Settings of the agent itself; `services`, `templates`, `vars`, `defaults`, `notifiers` are read on their own. */
export const agentSettings = {
  host_name: text({ summary: 'How this machine is called in notices.', optional: true }),
  state_dir: path({ summary: 'Folder of what must survive a restart of the agent.', optional: true }),
  socket: path({ summary: 'The control socket of the agent.', optional: true }),
  every: cadence({ summary: 'How often checks look when nothing nearer says so.', default: '30s' }),
  notify: names({
    summary: 'Who is told of what names nobody, and of troubles of the agent itself.',
    default: [],
  }),
  routes: list(routeField(), { summary: 'Who else is told of what.', default: [] }),
  maintenance: list(maintenanceWindow(), { summary: 'Times in which nobody is told.', default: [] }),
  heartbeat: group(
    {
      url: url({ summary: 'Called while the agent is well.', schemes: ['http', 'https'], secret: true }),
      every: duration({ summary: 'How often.', default: '1m', min: '1s' }),
    },
    { summary: "Tell a dead man's switch that the agent lives.", optional: true },
  ),
  notices: group(
    {
      group_wait: duration({
        summary: 'Wait this long for more of the same cause.',
        default: '5s',
        max: '10m',
      }),
    },
    { summary: 'How notices are gathered.', default: {} },
  ),
  max_repairs: either(
    [
      mostAtOnce,
      group({
        host: integer({ summary: 'Most repairs at once on this host.', default: 3, min: 1, max: 1000 }),
        groups: record(mostAtOnce, { summary: 'Most repairs at once in each of these groups.', default: {} }),
      }),
    ],
    { summary: 'How many services may be under repair at once.', default: 3 },
  ),
  uplink: list(hostPort({ summary: '', defaultPort: 443 }), {
    summary:
      'Remote addresses that tell whether the uplink works; one of them by name, so that a resolver that is down shows, too.',
    default: [],
  }),
  watch: flag({ summary: 'Reload when a rule file changes.', default: false }),
  nudges: flag({
    summary:
      'Check at once when a process dies or a manager tells of a change; without it everything waits for its turn.',
    default: true,
  }),
  log: either(
    [
      choice(['error', 'warn', 'info', 'debug']),
      group({
        level: choice(['error', 'warn', 'info', 'debug'], {
          summary: 'How much is logged.',
          default: 'info',
        }),
      }),
    ],
    { summary: 'How much is logged.', default: 'info' },
  ),
  vars: record(anything(), { summary: 'Values for ${name} anywhere in the rules.', default: {} }),
};
