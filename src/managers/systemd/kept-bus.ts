import type { Clock, Timer } from '../../host/clock.ts';
import type {
  BusAddress,
  BusCall,
  BusConnection,
  BusMessage,
  BusOutcome,
  BusReply,
  Dbus,
} from '../../host/dbus.ts';

/** One connection to systemd that is opened when needed, shared, and opened again after it broke. */
export interface KeptBus {
  call(call: BusCall, timeoutMs: number): Promise<BusReply>;
  /** Calls back for every signal of systemd. Keeps the connection open, and says `lost` when signals may have been missed. */
  listen(listener: (event: BusMessage | 'lost') => void): () => void;
  /** Whether signals arrive just now. */
  connected(): boolean;
  /** Whether they come from systemd itself just now, with no bus daemon in between that would bring them later. */
  direct(): boolean;
  /** How often they may have been missed so far: an answer to what was asked before the last time is about another systemd, perhaps. */
  losses(): number;
  close(): void;
}

/** A local socket answers within a millisecond; longer is a bus that hangs, and systemctl is asked meanwhile. */
const openWithin = 3_000;
/** AddMatch and Subscribe only: systemd answers late while it reloads all its unit files. */
const callWithin = 5_000;
/** After a failed attempt, and doubled up to the longest: a bus that is away must not be hammered by every check. */
const shortestWait = 500;
const longestWait = 30_000;
const bus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
export const systemdName = 'org.freedesktop.systemd1';
export const managerPath = '/org/freedesktop/systemd1';
export const managerInterface = 'org.freedesktop.systemd1.Manager';

/**
 * Tries the addresses in order. On every new connection it asks for systemd's signals: systemd sends none until somebody
 * calls Subscribe and stays connected (org.freedesktop.systemd1(5), "Methods"), and asks again when systemd's name on
 * the bus changes hands.
 */
export function keptBus(dbus: Dbus, clock: Clock, addresses: readonly BusAddress[]): KeptBus {
  const listeners = new Set<(event: BusMessage | 'lost') => void>();
  let current: BusConnection | undefined;
  let overBus = false;
  let opening: Promise<BusOutcome> | undefined;
  let refused: { readonly outcome: BusOutcome & { readonly ok: false }; readonly until: number } | undefined;
  let wait = shortestWait;
  let retry: Timer | undefined;
  let closed = false;
  let losses = 0;

  function open(): Promise<BusOutcome> {
    if (current !== undefined) return Promise.resolve({ ok: true, connection: current });
    if (refused !== undefined && clock.monotonic() < refused.until) return Promise.resolve(refused.outcome);
    opening ??= openFirst().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function openFirst(): Promise<BusOutcome> {
    let outcome: BusOutcome = { ok: false, code: 'ENOENT', reason: 'there is no D-Bus address' };
    for (const address of addresses) {
      const attempt = await openOne(address);
      if (attempt.ok && (await greet(attempt.connection, address.bus))) {
        if (closed) {
          attempt.connection.close();
          return { ok: false, code: 'CLOSED', reason: 'closed' };
        }
        current = attempt.connection;
        overBus = address.bus;
        refused = undefined;
        wait = shortestWait;
        current.onSignal((signal) => heard(signal, address.bus));
        current.onClose(lost);
        return attempt;
      }
      // The reason of the first address is the one to tell: the others are ways around.
      if (!attempt.ok && outcome.ok === false && outcome.code === 'ENOENT') outcome = attempt;
      if (attempt.ok) attempt.connection.close();
    }
    if (!outcome.ok) refused = { outcome, until: clock.monotonic() + wait };
    wait = Math.min(wait * 2, longestWait);
    return outcome;
  }

  /** Without a free descriptor the part of the program that speaks D-Bus cannot be read. */
  function openOne(address: BusAddress): Promise<BusOutcome> {
    return dbus.open(address, openWithin).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, code: 'ERROR', reason: `D-Bus at ${address.path}: ${reason}` };
    });
  }

  async function greet(connection: BusConnection, isBus: boolean): Promise<boolean> {
    if (isBus) {
      for (const rule of [
        `type='signal',sender='${systemdName}',path_namespace='${managerPath}'`,
        `type='signal',sender='${bus.destination}',member='NameOwnerChanged',arg0='${systemdName}'`,
      ]) {
        const added = await connection.call(
          { ...bus, member: 'AddMatch', signature: 's', arguments: [rule] },
          callWithin,
        );
        if (!added.ok) return false;
      }
    }
    return subscribe(connection, isBus);
  }

  async function subscribe(connection: BusConnection, isBus: boolean): Promise<boolean> {
    const reply = await connection.call(
      {
        ...(isBus ? { destination: systemdName } : {}),
        path: managerPath,
        interface: managerInterface,
        member: 'Subscribe',
      },
      callWithin,
    );
    return reply.ok || reply.error === 'AlreadySubscribed';
  }

  function heard(signal: BusMessage, isBus: boolean): void {
    if (signal.member === 'NameOwnerChanged' && signal.path !== managerPath) {
      if (current !== undefined) void subscribe(current, isBus);
      tell('lost');
      return;
    }
    tell(signal);
  }

  function lost(): void {
    current = undefined;
    if (closed) return;
    tell('lost');
    reopen();
  }

  /** Signals are wanted as long as anybody listens, whether or not somebody asks in the meantime. */
  function reopen(): void {
    if (closed || listeners.size === 0 || retry !== undefined || current !== undefined) return;
    retry = clock.after(wait, () => {
      retry = undefined;
      void open().then((outcome) => {
        if (outcome.ok) tell('lost');
        else reopen();
      });
    });
  }

  function tell(event: BusMessage | 'lost'): void {
    if (event === 'lost') losses += 1;
    for (const listener of listeners) listener(event);
  }

  return {
    async call(call, timeoutMs) {
      const outcome = await open();
      if (!outcome.ok) return { ok: false, error: 'Disconnected', reason: outcome.reason };
      return outcome.connection.call(call, timeoutMs);
    },
    listen(listener) {
      listeners.add(listener);
      void open().then((outcome) => {
        if (!outcome.ok) reopen();
      });
      return () => listeners.delete(listener);
    },
    connected: () => current !== undefined,
    direct: () => current !== undefined && !overBus,
    losses: () => losses,
    close() {
      closed = true;
      retry?.cancel();
      listeners.clear();
      current?.close();
      current = undefined;
    },
  };
}
