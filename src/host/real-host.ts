import { hostname } from 'node:os';
import type { Clock } from './clock.ts';
import { preparePosixCommands } from './commands/posix-commands.ts';
import { createSpawnCommands } from './commands/spawn-commands.ts';
import type { Dbus } from './dbus.ts';
import { createRealDeaths } from './deaths/real-deaths.ts';
import type { Dns } from './dns.ts';
import { createRealFiles } from './files/real-files.ts';
import { createRealFilesystems } from './filesystems/real-filesystems.ts';
import type { Host } from './host.ts';
import { compileEagerly } from './machine/compile-eagerly.ts';
import { createGenericSystem } from './machine/generic-system.ts';
import { createLinuxSystem } from './machine/linux-system.ts';
import { createRealCgroups } from './machine/real-cgroups.ts';
import { createRealSelf } from './machine/real-self.ts';
import { createRealUsers } from './machine/real-users.ts';
import { tidyUp } from './machine/tidy-up.ts';
import type { LookUpName } from './net/name-lookup.ts';
import { createStreams } from './net/net-streams.ts';
import { loadKoffi } from './packages/load-koffi.ts';
import { createLinuxProcesses } from './processes/linux-processes.ts';
import { createListedProcesses } from './processes/listed-processes.ts';
import type { Sockets } from './sockets.ts';
import { createCronCalendar } from './time/cron-calendar.ts';
import { createRealClock } from './time/real-clock.ts';
import type { Tls } from './tls.ts';

export interface HostOptions {
  /** How this machine is called; by default its host name. */
  readonly name?: string;
  /** By default the machine's own clocks. */
  readonly clock?: Clock;
}

type Names = () => Promise<LookUpName>;

/** This machine. What speaks over networks is loaded when it is first used; `close` lets go of what is watched. */
export function createHost(options: HostOptions = {}): Host & { close(): void } {
  const clock = options.clock ?? createRealClock();
  const linux = process.platform === 'linux';
  const processes = linux ? createLinuxProcesses(clock) : createListedProcesses(clock);
  const users = createRealUsers(clock);
  const cgroups = linux ? createRealCgroups() : undefined;
  const deaths = createRealDeaths(processes, clock);
  // One for all that speaks over networks: turns at the system's resolver are few.
  const names = once(async () => (await import('./net/name-lookup.ts')).createNameLookup());
  const http = once(async () => (await import('./http/undici-http.ts')).createHttpClient(await names()));
  const mail = once(async () => (await import('./mail/nodemailer-mail.ts')).createMail(await names()));
  const bus = once(async () => (await import('./dbus/connection.ts')).createDbus());
  return {
    name: options.name ?? hostname(),
    platform: process.platform,
    self: createRealSelf(),
    clock,
    calendar: createCronCalendar(),
    processes,
    deaths,
    files: createRealFiles(clock),
    filesystems: createRealFilesystems(clock),
    system: linux ? createLinuxSystem(clock) : createGenericSystem(clock),
    users,
    commands: createSpawnCommands(clock, users),
    http: { request: async (request) => (await http()).request(request) },
    sockets: lazySockets(names),
    tls: lazyTls(names),
    dns: lazyDns(names),
    mail: { send: async (...given) => (await mail()).send(...given) },
    streams: createStreams(),
    ...(linux && { dbus: lazyDbus(bus) }),
    ...(cgroups && { cgroups }),
    async prepareNotices() {
      await Promise.all([http(), mail()]);
    },
    async prepareRepairs() {
      const koffi = await loadKoffi();
      if (koffi !== undefined) preparePosixCommands();
      // Before a repair systemd is asked whether the host goes down.
      if (linux) await bus();
    },
    rehearse: compileEagerly,
    tidyUp,
    close: () => deaths.close(),
  };
}

function lazySockets(names: Names): Sockets {
  const load = once(async () => (await import('./net/net-sockets.ts')).createSockets(await names()));
  return {
    connect: async (...given) => (await load()).connect(...given),
    converse: async (...given) => (await load()).converse(...given),
    exchange: async (...given) => (await load()).exchange(...given),
  };
}

function lazyTls(names: Names): Tls {
  const load = once(async () => (await import('./net/node-tls.ts')).createTls(await names()));
  return { inspect: async (...given) => (await load()).inspect(...given) };
}

function lazyDns(names: Names): Dns {
  const load = once(async () => (await import('./net/node-dns.ts')).createDns(await names()));
  return { resolve: async (...given) => (await load()).resolve(...given) };
}

function lazyDbus(load: () => Promise<Dbus>): Dbus {
  let loaded: Dbus | undefined;
  return {
    async open(...given) {
      loaded = await load();
      return loaded.open(...given);
    },
    opened: (path) => loaded?.opened(path),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    // What could not be loaded (no free descriptor) is loaded when it is asked for again.
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
