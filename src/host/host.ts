import type { Calendar } from './calendar.ts';
import type { Cgroups } from './cgroups.ts';
import type { Clock } from './clock.ts';
import type { Commands } from './commands.ts';
import type { Dbus } from './dbus.ts';
import type { Deaths } from './deaths.ts';
import type { Dns } from './dns.ts';
import type { Files } from './files.ts';
import type { Filesystems } from './filesystems.ts';
import type { HttpClient } from './http.ts';
import type { Mail } from './mail.ts';
import type { Processes } from './processes.ts';
import type { Self } from './self.ts';
import type { Sockets } from './sockets.ts';
import type { Streams } from './streams.ts';
import type { SystemFacts } from './system.ts';
import type { Tls } from './tls.ts';
import type { Users } from './users.ts';

/** The outside world, behind small interfaces. Each has a real twin in this folder and a fake one in test/fakes/. */
export interface Host {
  readonly name: string;
  readonly platform: NodeJS.Platform;
  readonly self: Self;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly processes: Processes;
  readonly deaths: Deaths;
  readonly files: Files;
  readonly filesystems: Filesystems;
  readonly system: SystemFacts;
  readonly users: Users;
  readonly commands: Commands;
  readonly http: HttpClient;
  readonly sockets: Sockets;
  readonly tls: Tls;
  readonly dns: Dns;
  readonly mail: Mail;
  /** Absent in hosts that cannot keep connections open; changes are then found by asking. */
  readonly streams?: Streams;
  /** Absent where there is none (macOS); whoever wants it then goes the long way round. */
  readonly dbus?: Dbus;
  /** Absent where no hierarchy of control groups is mounted that systemd keeps units in. */
  readonly cgroups?: Cgroups;
  /**
   * Reads the code that carries notices now. Later, at the first notice, there may be no descriptor left to read it with,
   * and what Node fails to import once it never imports again.
   */
  prepareNotices?(): Promise<void>;
  /** Makes ready now what the first repair would otherwise wait for: the quick way to start programs, and D-Bus. */
  prepareRepairs?(): Promise<void>;
  /** Runs something only so that it is quick later: what is compiled meanwhile is compiled as if it ran often. */
  rehearse?(run: () => Promise<void>): Promise<void>;
  /** Clears away what a repair left in memory, so that the next one does not have to. */
  tidyUp?(): void;
}
