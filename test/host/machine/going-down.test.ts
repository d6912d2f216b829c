import { expect, it } from 'vitest';
import type { BusConnection, Dbus } from '../../../src/host/dbus.ts';
import { createSystemdState } from '../../../src/host/machine/going-down.ts';

const PRIVATE = '/run/systemd/private';
const BUS = '/run/dbus/system_bus_socket';

/** A systemd behind both sockets that notes which of them it was asked through. */
function bench() {
  const seen = {
    opened: [] as string[],
    asked: [] as string[],
    closed: [] as string[],
    lent: [] as string[],
    state: 'running',
  };
  const lost: (() => void)[] = [];
  const dbus: Dbus = {
    async open({ path }) {
      seen.opened.push(path);
      let open = true;
      const connection: BusConnection = {
        async call() {
          if (!open) return { ok: false, error: 'Disconnected', reason: 'gone' };
          seen.asked.push(path);
          return { ok: true, body: [seen.state], serial: 1 };
        },
        onSignal: () => () => {},
        onClose: (listener) => {
          lost.push(() => {
            open = false;
            listener('gone');
          });
        },
        close: () => {
          open = false;
          seen.closed.push(path);
        },
      };
      return { ok: true, connection };
    },
    opened: (path) => (seen.lent.includes(path) ? lent(path) : undefined),
  };
  const lent = (path: string): BusConnection => ({
    async call() {
      seen.asked.push(`lent ${path}`);
      if (seen.state === 'busy') return { ok: false, error: 'NoReply', reason: 'no answer in time' };
      return seen.state === 'silent'
        ? { ok: false, error: 'Disconnected', reason: 'gone' }
        : { ok: true, body: [seen.state], serial: 1 };
    },
    onSignal: () => () => {},
    onClose() {},
    close: () => seen.closed.push(`lent ${path}`),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    seen,
    systemd: createSystemdState({ dbus }),
    lose() {
      for (const run of lost.splice(0)) run();
    },
    settle,
  };
}

it('asks PID 1 at first, and from then on over a connection to the bus that is kept', async () => {
  const { seen, systemd, settle } = bench();
  expect(await systemd.goesDown()).toBe(false);
  await settle();
  seen.state = 'stopping';
  expect(await systemd.goesDown()).toBe(true);
  expect(await systemd.goesDown()).toBe(true);
  expect(seen.asked).toEqual([PRIVATE, BUS, BUS]);
  expect(seen.opened).toEqual([PRIVATE, BUS]);
  systemd.close();
  expect(seen.closed).toEqual([PRIVATE, BUS]);
});

it('asks PID 1 again when the bus is gone', async () => {
  const { seen, systemd, lose, settle } = bench();
  await systemd.goesDown();
  await settle();
  lose();
  expect(await systemd.goesDown()).toBe(false);
  expect(seen.asked).toEqual([PRIVATE, PRIVATE]);
  systemd.close();
});

it('keeps nothing once it is closed', async () => {
  const { seen, systemd, settle } = bench();
  await systemd.goesDown();
  systemd.close();
  await settle();
  expect(seen.closed.toSorted()).toEqual(seen.opened.toSorted());
});

it('asks over the connection that somebody else has to PID 1, and leaves it to them', async () => {
  const { seen, systemd } = bench();
  seen.lent.push(PRIVATE);
  seen.state = 'stopping';
  expect(await systemd.goesDown()).toBe(true);
  expect(seen.asked).toEqual([`lent ${PRIVATE}`]);
  expect(seen.opened).toEqual([]);
  systemd.close();
  expect(seen.closed).toEqual([]);
});

it('goes its own way where that one does not answer', async () => {
  const { seen, systemd } = bench();
  seen.lent.push(PRIVATE);
  seen.state = 'silent';
  expect(await systemd.goesDown()).toBe(false);
  expect(seen.asked).toEqual([`lent ${PRIVATE}`, PRIVATE]);
  systemd.close();
});

it('asks a systemd that is busy once, not over every way there is', async () => {
  const { seen, systemd } = bench();
  seen.lent.push(PRIVATE);
  seen.state = 'busy';
  expect(await systemd.goesDown()).toBeUndefined();
  expect(seen.asked).toEqual([`lent ${PRIVATE}`]);
  systemd.close();
});
