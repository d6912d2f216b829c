import type { BusAddress } from '../../host/dbus.ts';
import type { Host } from '../../host/host.ts';
import type { ProcessIdentity } from '../../model/manager.ts';
import { managerInterface, managerPath, systemdName } from '../systemd/kept-bus.ts';

const within = 5_000;

/**
 * What a plain command left behind would live in the watcher's own unit: it would count against its memory limit and
 * end with it at the next restart of the watcher. So systemd is asked to put it into a scope of its own
 * (StartTransientUnit with PIDs, org.freedesktop.systemd1(5), systemd.scope(5)). Returns a sentence where that failed,
 * and nothing where it was done or there was nothing to do: the watcher is no unit, or the service is elsewhere.
 */
export async function leaveOurUnit(
  host: Host,
  service: string,
  main: ProcessIdentity,
): Promise<string | undefined> {
  const ours = (await host.processes.one(host.self.pid))?.details().cgroup;
  if (ours === undefined || !ours.endsWith('.service')) return undefined;
  const inside = host.cgroups?.pids(ours) ?? [];
  if (host.dbus === undefined || !inside.includes(main.pid)) return undefined;
  const table = await host.processes.table(0);
  const own = new Set(table.tree(host.self.pid).map(({ pid }) => pid));
  const leaving = inside.filter((pid) => !own.has(pid) && host.processes.identify(pid) !== undefined);
  if (leaving.length === 0) return undefined;

  const opened = await host.dbus.open(address(ours), within);
  const trouble = (reason: string) => `it still lives in the watcher's own unit (${ours}): ${reason}`;
  if (!opened.ok) return trouble(opened.reason);
  const reply = await opened.connection.call(
    {
      destination: systemdName,
      path: managerPath,
      interface: managerInterface,
      member: 'StartTransientUnit',
      signature: 'ssa(sv)a(sa(sv))',
      arguments: [
        `watcher-${service.replace(/[^A-Za-z0-9]/g, '_')}-${main.pid}-${main.start}.scope`,
        'fail',
        [
          ['Description', { signature: 's', value: `${service}, started for the watcher` }],
          ['PIDs', { signature: 'au', value: leaving }],
          ['CollectMode', { signature: 's', value: 'inactive-or-failed' }],
        ],
        [],
      ],
    },
    within,
  );
  opened.connection.close();
  return reply.ok ? undefined : trouble(reply.reason);
}

/**
 * The systemd that our unit is of, which its group says, whoever we run as: a unit of the system may have User=, and then
 * needs the right to manage units (the polkit rule of deploy/).
 */
function address(ours: string): BusAddress {
  const owner = /\/user@(\d+)\.service\//.exec(ours)?.[1];
  return { path: owner === undefined ? '/run/dbus/system_bus_socket' : `/run/user/${owner}/bus`, bus: true };
}
