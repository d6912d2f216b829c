import type { BusAddress, BusConnection } from '../dbus.ts';
import type { Host } from '../host.ts';

/** PID 1 itself: it answers also when the bus, which is among the first to end, is gone. Only root may speak to it. */
const PRIVATE: BusAddress = { path: '/run/systemd/private', bus: false };
const BUS: BusAddress = { path: '/run/dbus/system_bus_socket', bus: true };
const within = 500;
const NOLOGIN = '/run/nologin';
const STOPPING = '/run/openrc/rc.stopping';

/**
 * Whether files say that the host is going down: systemd-user-sessions(8) writes nologin some time after it began;
 * OpenRC marks it at once (RC_STOPPING of its librc.h).
 */
export async function filesSayGoingDown({ files }: Pick<Host, 'files'>): Promise<boolean> {
  if (await files.exists(NOLOGIN)) {
    const nologin = await files.read(NOLOGIN, 512);
    if (nologin.ok && /\bis going down\b/.test(nologin.value)) return true;
  }
  return files.exists(STOPPING);
}

/** Whether there are none of those files, so that they need not be read. */
export function filesAreSilent({ files }: Pick<Host, 'files'>): boolean {
  return [NOLOGIN, STOPPING].every((path) => files.existsNow(path) === false);
}

/** Whether there is neither systemd nor a bus to ask it over. */
export function nothingToAsk({ files }: Pick<Host, 'files'>): boolean {
  return [PRIVATE.path, BUS.path].every((path) => files.existsNow(path) === false);
}

/** The one thing that is asked of systemd again and again about the host. */
export interface SystemdState {
  /**
   * Whether systemd has decided that the host goes down: SystemState is `stopping` from the moment the job is there,
   * before anything is stopped (systemctl(1), "is-system-running"). Undefined where there is no systemd, or it does not
   * answer.
   */
  goesDown(): Promise<boolean | undefined>;
  close(): void;
}

/**
 * Asks over a connection to the bus that is kept from the first question on, without subscribing to anything: a repair
 * waits for the answer, and greeting PID 1 anew takes longer than asking. Where that connection breaks, PID 1 itself.
 */
export function createSystemdState({ dbus }: Pick<Host, 'dbus'>): SystemdState {
  let kept: BusConnection | undefined;
  let keeping = false;
  let closed = false;

  function keep(connection: BusConnection): void {
    if (closed || kept !== undefined) {
      connection.close();
      return;
    }
    kept = connection;
    connection.onClose(() => {
      if (kept === connection) kept = undefined;
    });
  }

  /** In the background: nobody waits for it. */
  async function keepOne(): Promise<void> {
    if (keeping || closed || kept !== undefined) return;
    keeping = true;
    try {
      const opened = await dbus?.open(BUS, within);
      if (opened?.ok === true) keep(opened.connection);
    } catch {
      // As when it is asked: without a free descriptor the part that speaks D-Bus cannot be read.
    } finally {
      keeping = false;
    }
  }

  async function ask(): Promise<boolean | undefined> {
    // Who watches units of systemd has a connection already, and over one systemd is asked sooner than over two.
    const borrowed = dbus?.opened(PRIVATE.path);
    const told = borrowed && (await systemState(borrowed, PRIVATE.bus));
    // Who is busy is not asked over another connection as well.
    if (told !== undefined && told !== 'gone') return told === 'no answer' ? undefined : told;
    const said = kept && (await systemState(kept, true));
    if (typeof said === 'boolean') return said;
    kept?.close();
    kept = undefined;
    for (const address of dbus === undefined ? [] : [PRIVATE, BUS]) {
      const opened = await dbus?.open(address, within);
      if (opened === undefined || !opened.ok) continue;
      const { connection } = opened;
      const answer = await systemState(connection, address.bus);
      if (!address.bus) {
        connection.close();
        void keepOne();
      } else if (typeof answer === 'boolean') keep(connection);
      else connection.close();
      if (typeof answer === 'boolean') return answer;
    }
    return undefined;
  }

  return {
    async goesDown() {
      try {
        return await ask();
      } catch {
        // The part of the program that speaks D-Bus is loaded here: without a free descriptor it cannot be read.
        return undefined;
      }
    },
    close() {
      closed = true;
      kept?.close();
      kept = undefined;
    },
  };
}

async function systemState(connection: BusConnection, bus: boolean): Promise<boolean | 'gone' | 'no answer'> {
  const reply = await connection.call(
    {
      ...(bus ? { destination: 'org.freedesktop.systemd1' } : {}),
      path: '/org/freedesktop/systemd1',
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      arguments: ['org.freedesktop.systemd1.Manager', 'SystemState'],
    },
    within,
  );
  if (!reply.ok) return reply.error === 'Disconnected' ? 'gone' : 'no answer';
  return reply.body[0] === 'stopping';
}
