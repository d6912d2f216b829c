import type { BusConnection, BusMessage, BusReply, Dbus } from '../../src/host/dbus.ts';
import { type UnitProperties, unitPath } from '../../src/managers/systemd/systemd-unit.ts';

const MANAGER = '/org/freedesktop/systemd1';

/** A systemd that answers over any bus what tests say, and tells what they tell. */
export interface FakeSystemd {
  readonly dbus: Dbus;
  /** What its units are, by name. */
  readonly units: Map<string, UnitProperties>;
  /** `running`, `degraded`, `stopping`, ... */
  state: string;
  /** Sockets that are not there. */
  readonly missing: Set<string>;
  /** Connections that are open now, by their sockets. */
  readonly open: string[];
  /** What it was asked, oldest first. */
  readonly asked: string[];
  /** Answers to this method wait from now on, until the returned function is called. */
  hold(member: string): () => void;
  /** A signal of its manager object. */
  tell(member: string, ...body: readonly unknown[]): void;
  /** What it tells of a unit that has changed, on both of its interfaces, and answers from then on. */
  change(unit: string, ofService: UnitProperties, ofUnit: UnitProperties): void;
  /** Another systemd takes its place on the bus. */
  changesHands(): void;
  /** All connections break. */
  hangUp(): void;
}

/** Its serial numbers go up with everything that it sends, as those of a real one. */
export function createFakeSystemd(): FakeSystemd {
  const listeners = new Set<(signal: BusMessage) => void>();
  const closers = new Set<(reason: string) => void>();
  let serial = 0;
  const held = new Map<string, Promise<void>>();

  function send(member: string, path: string, body: readonly unknown[]): void {
    serial += 1;
    const message: BusMessage = { type: 'signal', serial, path, member, body: () => body };
    for (const listener of [...listeners]) listener(message);
  }

  async function reply(member: string, body: readonly unknown[]): Promise<BusReply> {
    serial += 1;
    const mine = serial;
    await held.get(member);
    return { ok: true, body, serial: mine };
  }

  const connection: BusConnection = {
    async call({ member, path, arguments: words = [] }) {
      const name = [...systemd.units.keys()].find((unit) => unitPath(unit) === path);
      systemd.asked.push(
        [member, ...words, name].filter((word) => word !== undefined && word !== '').join(' '),
      );
      if (member === 'GetAll') return reply(member, [systemd.units.get(name ?? '') ?? {}]);
      if (words[1] === 'SystemState') return reply(member, [systemd.state]);
      return reply(member, []);
    },
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose: (closer) => void closers.add(closer),
    close() {},
  };
  const systemd: FakeSystemd = {
    dbus: {
      async open({ path }) {
        if (systemd.missing.has(path)) return { ok: false, code: 'ENOENT', reason: 'missing' };
        systemd.open.push(path);
        return {
          ok: true,
          connection: { ...connection, close: () => void systemd.open.splice(systemd.open.indexOf(path), 1) },
        };
      },
      opened: () => undefined,
    },
    missing: new Set(),
    open: [],
    units: new Map(),
    state: 'running',
    asked: [],
    hold(member) {
      let letGo = (): void => {};
      held.set(
        member,
        new Promise((resolve) => {
          letGo = resolve;
        }),
      );
      return letGo;
    },
    tell: (member, ...body) => send(member, MANAGER, body),
    change(unit, ofService, ofUnit) {
      systemd.units.set(unit, { ...systemd.units.get(unit), ...ofService, ...ofUnit });
      send('PropertiesChanged', unitPath(unit), ['org.freedesktop.systemd1.Service', ofService, []]);
      send('PropertiesChanged', unitPath(unit), ['org.freedesktop.systemd1.Unit', ofUnit, []]);
    },
    changesHands: () =>
      send('NameOwnerChanged', '/org/freedesktop/DBus', ['org.freedesktop.systemd1', ':1.1', ':1.2']),
    hangUp() {
      listeners.clear();
      for (const closer of [...closers]) {
        closers.delete(closer);
        closer('it hung up');
      }
    },
  };
  return systemd;
}
