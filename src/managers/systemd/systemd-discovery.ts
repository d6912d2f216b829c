import type { Host } from '../../host/host.ts';
import { type Discovery, notHere } from '../manager-kind.ts';
import { endingOf, succeeded } from '../outcome.ts';
import { runTool } from '../tool.ts';

/** Units of the system itself, which nobody writes rules for, and the watcher's own. */
const ownMatters =
  /^(systemd-|user@|user-runtime-dir@|getty@|serial-getty@|(dbus|dbus-broker|polkit|watcher)\.)/;
/** What `systemctl enable` left behind, and what is started by an init script. */
const enabledStates = new Set([
  'enabled',
  'enabled-runtime',
  'linked',
  'linked-runtime',
  'alias',
  'generated',
]);

/** Which systemd: the system's, or that of the user who asks. */
interface Asked {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What stands under `manager:` for a unit of it. */
  manager(unit: string): Discovery['services'][number]['manager'];
}

/** Services of the system and of the user's own systemd that run, or failed although they are enabled. */
export async function discoverUnits(host: Host): Promise<Discovery> {
  // sd_booted(3)
  if (!(await host.files.exists('/run/systemd/system'))) return notHere;
  const system = await listed(host, { flags: [], env: {}, manager: (unit) => ({ systemd: unit }) });
  const { uid } = host.self;
  const runtime = `/run/user/${uid}`;
  if (!(await host.files.exists(`${runtime}/systemd/private`))) return system;
  const user = await host.users.nameOf(uid);
  const own = await listed(host, {
    flags: ['--user'],
    env: { XDG_RUNTIME_DIR: runtime },
    manager: (unit) => ({ systemd: { unit, user } }),
  });
  const trouble = system.trouble ?? own.trouble;
  const services = [...system.services, ...own.services];
  return { present: true, services, ...(trouble === undefined ? {} : { trouble }) };
}

async function listed(host: Host, { flags, env, manager }: Asked): Promise<Discovery> {
  const systemctl = ['systemctl', ...flags];
  const list = await runTool(
    host,
    [
      ...[...systemctl, 'list-units', '--type=service', '--state=running,failed'],
      ...['--plain', '--no-legend', '--no-pager', '--full'],
    ],
    { env },
  );
  if (!succeeded(list)) {
    return { present: true, services: [], trouble: `${systemctl.join(' ')} list-units: ${endingOf(list)}` };
  }
  // Some versions put a mark before what failed.
  const units = list.stdout
    .split('\n')
    .map((line) => line.split(/\s+/).find((word) => word.endsWith('.service')) ?? '')
    .filter((unit) => unit !== '' && !ownMatters.test(unit));
  if (units.length === 0) return { present: true, services: [] };
  const wanted = 'Id,Description,MainPID,Restart,UnitFileState,ActiveState';
  const shown = await runTool(host, [...systemctl, 'show', '--no-pager', '-p', wanted, '--', ...units], {
    env,
  });
  if (!succeeded(shown)) {
    return { present: true, services: [], trouble: `${systemctl.join(' ')} show: ${endingOf(shown)}` };
  }
  const services = shown.stdout.trim().split('\n\n').map(valuesIn);
  return {
    present: true,
    // What failed and is not enabled may be something somebody tried once.
    services: services
      .filter((value) => value('ActiveState') !== 'failed' || enabledStates.has(value('UnitFileState')))
      .map((value) => serviceOf(value, manager(value('Id')))),
  };
}

/** One block of `systemctl show`. */
function valuesIn(block: string): (name: string) => string {
  return (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
}

function serviceOf(
  value: (name: string) => string,
  manager: Discovery['services'][number]['manager'],
): Discovery['services'][number] {
  const pid = Number(value('MainPID'));
  const restart = value('Restart');
  return {
    name: value('Id').replace(/\.service$/, ''),
    manager,
    detail: value('Description'),
    pids: pid > 0 ? [pid] : [],
    ...(restart === 'no' || restart === '' ? {} : { restarts: `Restart=${restart}` }),
    lasting: enabledStates.has(value('UnitFileState')),
  };
}
