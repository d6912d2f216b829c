import type { BusAddress } from '../dbus.ts';
import type { Host } from '../host.ts';

/** PID 1 itself first: the bus is among the first to end. Only root may speak to it; others ask through the bus. */
const addresses: readonly BusAddress[] = [
  { path: '/run/systemd/private', bus: false },
  { path: '/run/dbus/system_bus_socket', bus: true },
];
const within = 500;

/**
 * Whether files say that the host is going down: systemd-user-sessions(8) writes nologin some time after it began;
 * OpenRC marks it at once (RC_STOPPING of its librc.h).
 */
export async function filesSayGoingDown({ files }: Pick<Host, 'files'>): Promise<boolean> {
  if (await files.exists('/run/nologin')) {
    const nologin = await files.read('/run/nologin', 512);
    if (nologin.ok && /\bis going down\b/.test(nologin.value)) return true;
  }
  return files.exists('/run/openrc/rc.stopping');
}

/**
 * Whether systemd has decided that the host goes down: SystemState is `stopping` from the moment the job is there, before
 * anything is stopped (systemctl(1), "is-system-running"). Undefined where there is no systemd, or it does not answer.
 */
export async function systemdSaysGoingDown(host: Pick<Host, 'dbus'>): Promise<boolean | undefined> {
  try {
    return await askSystemd(host);
  } catch {
    // The part of the program that speaks D-Bus is loaded here: without a free descriptor it cannot be read.
    return undefined;
  }
}

async function askSystemd({ dbus }: Pick<Host, 'dbus'>): Promise<boolean | undefined> {
  for (const address of dbus === undefined ? [] : addresses) {
    const opened = await dbus?.open(address, within);
    if (opened === undefined || !opened.ok) continue;
    const reply = await opened.connection.call(
      {
        ...(address.bus ? { destination: 'org.freedesktop.systemd1' } : {}),
        path: '/org/freedesktop/systemd1',
        interface: 'org.freedesktop.DBus.Properties',
        member: 'Get',
        signature: 'ss',
        arguments: ['org.freedesktop.systemd1.Manager', 'SystemState'],
      },
      within,
    );
    opened.connection.close();
    if (reply.ok) return reply.body[0] === 'stopping';
  }
  return undefined;
}
