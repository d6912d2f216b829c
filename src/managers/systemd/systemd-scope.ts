import type { BusOutcome, Dbus } from '../../host/dbus.ts';
import type { Host } from '../../host/host.ts';
import { FollowedUnits } from './followed-units.ts';
import { type KeptBus, keptBus } from './kept-bus.ts';
import { createShutdownWatch, type ShutdownWatch } from './shutdown-watch.ts';
import { systemdBus } from './systemd-bus.ts';
import { systemdCli } from './systemd-cli.ts';
import type { JournalScope } from './systemd-journal.ts';
import type { SystemdLink } from './systemd-link.ts';

/** One systemd of this machine: the system's, or a user's. */
export interface SystemdScope {
  readonly link: SystemdLink;
  readonly journal: JournalScope;
  release(): void;
}

/** The connections to one systemd: opened when they are needed, closed with the last unit of it. */
interface Shared {
  readonly bus: KeptBus;
  readonly openDaemon: () => Promise<BusOutcome>;
  readonly units: FollowedUnits;
  readonly shutdown: ShutdownWatch | undefined;
  users: number;
}

/** Milliseconds; a local socket answers within one. */
const OPEN_WITHIN = 3_000;

const sharedBuses = new WeakMap<Host, Map<string, Shared>>();

/** The way to the systemd of the system, or of the given user (name or number). */
export async function openScope(host: Host, user: string | undefined): Promise<SystemdScope> {
  const account = user === undefined ? undefined : await host.users.user(user);
  const uid = user === undefined ? undefined : (account?.uid ?? Number(user));
  const journal: JournalScope = uid === undefined ? {} : { uid };
  const flags =
    uid === undefined ? [] : uid === host.self.uid ? ['--user'] : ['--user', `--machine=${user}@.host`];
  const cli = systemdCli(host, flags);
  if (host.dbus === undefined) return { link: cli, journal, release: () => {} };
  const key = uid === undefined ? 'system' : `user ${uid}`;
  // Root may do everything to the system's, and everybody to their own.
  const permitted = host.self.uid === (uid ?? 0);
  const shared = share(host, host.dbus, key, uid, permitted);
  const link = withFallback(systemdBus({ ...shared, clock: host.clock, permitted }), cli);
  let released = false;
  return {
    link,
    journal,
    release() {
      if (released) return;
      released = true;
      unshare(host, key, shared);
    },
  };
}

function share(host: Host, dbus: Dbus, key: string, uid: number | undefined, permitted: boolean): Shared {
  const buses = sharedBuses.get(host) ?? new Map<string, Shared>();
  sharedBuses.set(host, buses);
  const shared = buses.get(key) ?? { ...connections(host, dbus, uid, permitted), users: 0 };
  buses.set(key, shared);
  shared.users += 1;
  return shared;
}

/**
 * Who is permitted speaks to systemd itself, as systemctl(1) does: the bus daemon in between takes half a millisecond for each
 * message, while two processors have a process to bury and another one to start. Only where a watchdog ends it should it stand
 * still: to everybody who is connected that way systemd tells everything, and once a thousand signals wait to be read it tells
 * nobody anything more (manager_dispatch_dbus_queue() of its source), where the bus daemon would keep them.
 */
function connections(
  host: Host,
  dbus: Dbus,
  uid: number | undefined,
  permitted: boolean,
): Omit<Shared, 'users'> {
  const run = uid === undefined ? '/run' : `/run/user/${uid}`;
  const own = { path: `${run}/systemd/private`, bus: false };
  const daemon = { path: uid === undefined ? '/run/dbus/system_bus_socket' : `${run}/bus`, bus: true };
  const bus = keptBus(
    dbus,
    host.clock,
    permitted && host.self.hasWatchdog === true ? [own, daemon] : [daemon, own],
  );
  return {
    bus,
    openDaemon: () => dbus.open(daemon, OPEN_WITHIN),
    units: new FollowedUnits(bus, host.clock),
    // A user's ends when the user is gone.
    shutdown: uid === undefined ? createShutdownWatch(bus, host.clock) : undefined,
  };
}

/** What the systemd of the system tells of the host's end. */
export interface ShutdownNews {
  /**
   * Whether the host surely does not go down. What systemd ends for that ends after systemd has told of it: who has heard of an end
   * has been told before.
   */
  hostStays(): boolean;
  close(): void;
}

/** Is told of it by systemd itself; undefined for who is not permitted to: the bus daemon would tell some time after the end. */
export function listenForShutdown(host: Host): ShutdownNews | undefined {
  const { dbus, self } = host;
  if (dbus === undefined || self.uid !== 0 || self.hasWatchdog !== true) return undefined;
  const key = 'system';
  const shared = share(host, dbus, key, undefined, true);
  const { bus, shutdown } = shared;
  shutdown?.learn();
  return {
    hostStays() {
      shutdown?.learn();
      return bus.direct() && shutdown?.hostStays() === true;
    },
    close: () => unshare(host, key, shared),
  };
}

function unshare(host: Host, key: string, shared: Shared): void {
  shared.users -= 1;
  if (shared.users > 0) return;
  shared.bus.close();
  sharedBuses.get(host)?.delete(key);
}

/** D-Bus where it can be used, else systemctl, decided anew at every question: the bus may come back. */
function withFallback(first: SystemdLink, second: SystemdLink): SystemdLink {
  return {
    async read(unit, about) {
      const asked = await first.read(unit, about);
      return !asked.ok && asked.absent ? second.read(unit) : asked;
    },
    async job(job, withinMs, signal) {
      const outcome = await first.job(job, withinMs, signal);
      return outcome.absent === true ? second.job(job, withinMs, signal) : outcome;
    },
    // Only over D-Bus can be asked for a right without using it, kept what systemd would forget, and heard of changes.
    refusal: (unit) => first.refusal(unit),
    pin: (unit) => first.pin(unit),
    follow: (unit, changed) => first.follow(unit, changed),
    jobEvents: (unit) => first.jobEvents(unit),
    told: (unit) => first.told(unit),
    endTold: (unit) => first.endTold(unit),
    hostStays: () => first.hostStays(),
    learnOfHost: () => first.learnOfHost(),
    close() {
      first.close();
      second.close();
    },
  };
}
