import { expect, it } from 'vitest';
import type { BusOutcome, BusReply } from '../../../src/host/dbus.ts';
import { pinUnit } from '../../../src/managers/systemd/pin-unit.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

function bench(reply: Promise<BusReply>) {
  const seen: string[] = [];
  const open = async (): Promise<BusOutcome> => ({
    ok: true,
    connection: {
      async call({ member, arguments: words }) {
        seen.push(`${member} ${words}`);
        return reply;
      },
      onSignal: () => () => {},
      onClose() {},
      close: () => seen.push('closed'),
    },
  });
  const clock = createFakeClock();
  return { seen, open, clock, settle: () => new Promise((resolve) => setImmediate(resolve)) };
}

it('refers to the unit until it is let go, which closes the connection', async () => {
  const { seen, open, clock, settle } = bench(Promise.resolve({ ok: true, body: [], serial: 1 }));
  const unpin = await pinUnit(open, clock, 'api.service');
  expect(seen).toEqual(['RefUnit api.service']);
  unpin();
  await settle();
  expect(seen).toEqual(['RefUnit api.service', 'closed']);
});

it('waits a moment for a bus daemon that hangs, and closes the connection all the same', async () => {
  const { seen, open, clock, settle } = bench(new Promise(() => {}));
  let pinned: (() => void) | undefined;
  void pinUnit(open, clock, 'api.service').then((unpin) => (pinned = unpin));
  await settle();
  await clock.advance(249);
  expect(pinned).toBeUndefined();
  await clock.advance(1);
  await settle();
  expect(pinned).toBeDefined();
  pinned?.();
  await settle();
  expect(seen).toEqual(['RefUnit api.service', 'closed']);
});

it('goes on without where there is no bus daemon', async () => {
  const gone = async (): Promise<BusOutcome> => ({ ok: false, code: 'ENOENT', reason: 'gone' });
  const unpin = await pinUnit(gone, createFakeClock(), 'api.service');
  expect(unpin()).toBeUndefined();
});

it('goes on without where it cannot even be tried', async () => {
  const broken = () => Promise.reject(new Error('EMFILE'));
  const unpin = await pinUnit(broken, createFakeClock(), 'api.service');
  expect(unpin()).toBeUndefined();
});
