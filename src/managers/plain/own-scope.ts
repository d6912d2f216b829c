import type { BusAddress, BusCall } from '../../host/dbus.ts';
import type { Host } from '../../host/host.ts';
import type { ProcessIdentity } from '../../model/manager.ts';
import { managerInterface, managerPath, systemdName } from '../systemd/kept-bus.ts';

const within = 5_000;
/** One that has ended since the look makes systemd refuse them all; a service may start programs all the time. */
const tries = 10;

/**
 * What a plain command left behind would live in the watcher's own unit: it would count against its memory limit and
 * end with it at the next restart of the watcher, as would the programs that read its output. So systemd is asked to put
 * it into a scope of its own (StartTransientUnit with PIDs, org.freedesktop.systemd1(5), systemd.scope(5)). Returns a
 * sentence where that failed, and nothing where it was done or there was nothing to do: the watcher is no unit, or the
 * service is elsewhere.
 */
export async function leaveOurUnit(
  host: Host,
  service: string,
  main: ProcessIdentity,
): Promise<string | undefined> {
  const ours = (await host.processes.one(host.self.pid))?.details().cgroup;
  if (ours === undefined || !ours.endsWith('.service')) return undefined;
  if (host.dbus === undefined || !(host.cgroups?.pids(ours) ?? []).includes(main.pid)) return undefined;

  const opened = await host.dbus.open(address(ours), within);
  const trouble = (reason: string) => `it still lives in the watcher's own unit (${ours}): ${reason}`;
  if (!opened.ok) return trouble(opened.reason);
  const name = `watcher-${service.replace(/[^A-Za-z0-9]/g, '_')}-${main.pid}-${main.start}.scope`;
  const description = `${service}, started for the watcher`;
  try {
    for (let left = tries; ; left -= 1) {
      const pids = await leavingOf(host, ours);
      if (pids.length === 0) return undefined;
      const reply = await opened.connection.call(startScope(name, description, pids), within);
      if (reply.ok) return undefined;
      const lives = host.processes.alive(main);
      if (left <= 1 || !lives || !pids.some((pid) => host.processes.identify(pid) === undefined)) {
        return trouble(reply.reason);
      }
    }
  } finally {
    opened.connection.close();
  }
}

/** Everybody in our unit who is neither we nor a child of ours. */
async function leavingOf(host: Host, ours: string): Promise<readonly number[]> {
  const table = await host.processes.table(0);
  const own = new Set(table.tree(host.self.pid).map(({ pid }) => pid));
  // Our children by birth, but if they ended with us the service would die of its next line.
  for (const reader of host.commands.readers?.() ?? []) own.delete(reader);
  const inside = host.cgroups?.pids(ours) ?? [];
  return inside.filter((pid) => !own.has(pid) && host.processes.identify(pid) !== undefined);
}

function startScope(name: string, description: string, pids: readonly number[]): BusCall {
  return {
    destination: systemdName,
    path: managerPath,
    interface: managerInterface,
    member: 'StartTransientUnit',
    signature: 'ssa(sv)a(sa(sv))',
    arguments: [
      name,
      'fail',
      [
        ['Description', { signature: 's', value: description }],
        ['PIDs', { signature: 'au', value: pids }],
        ['CollectMode', { signature: 's', value: 'inactive-or-failed' }],
      ],
      [],
    ],
  };
}

/**
 * The systemd that our unit is of, which its group says, whoever we run as: a unit of the system may have User=, and then
 * needs the right to manage units (the polkit rule of deploy/).
 */
function address(ours: string): BusAddress {
  const owner = /\/user@(\d+)\.service\//.exec(ours)?.[1];
  return { path: owner === undefined ? '/run/dbus/system_bus_socket' : `/run/user/${owner}/bus`, bus: true };
}
