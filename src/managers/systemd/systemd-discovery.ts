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

/** Running services of the system; those that are enabled are meant to run. */
export async function discoverUnits(host: Host): Promise<Discovery> {
  // sd_booted(3)
  if (!(await host.files.exists('/run/systemd/system'))) return notHere;
  const listed = await runTool(host, [
    ...['systemctl', 'list-units', '--type=service', '--state=running'],
    ...['--plain', '--no-legend', '--no-pager', '--full'],
  ]);
  if (!succeeded(listed)) {
    return { present: true, services: [], trouble: `systemctl list-units: ${endingOf(listed)}` };
  }
  const units = listed.stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((unit) => unit.endsWith('.service') && !ownMatters.test(unit));
  if (units.length === 0) return { present: true, services: [] };
  const wanted = 'Id,Description,MainPID,Restart,UnitFileState';
  const shown = await runTool(host, ['systemctl', 'show', '--no-pager', '-p', wanted, '--', ...units]);
  if (!succeeded(shown)) {
    return { present: true, services: [], trouble: `systemctl show: ${endingOf(shown)}` };
  }
  return { present: true, services: shown.stdout.trim().split('\n\n').map(serviceIn) };
}

/** One block of `systemctl show`. */
function serviceIn(block: string): Discovery['services'][number] {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
  const unit = value('Id');
  const pid = Number(value('MainPID'));
  const restart = value('Restart');
  return {
    name: unit.replace(/\.service$/, ''),
    manager: { systemd: unit },
    detail: value('Description'),
    pids: pid > 0 ? [pid] : [],
    ...(restart === 'no' || restart === '' ? {} : { restarts: `Restart=${restart}` }),
    lasting: enabledStates.has(value('UnitFileState')),
  };
}
