import { expect, it } from 'vitest';
import type { BusMessage } from '../../../src/host/dbus.ts';
import { FollowedUnits } from '../../../src/managers/systemd/followed-units.ts';
import type { KeptBus } from '../../../src/managers/systemd/kept-bus.ts';
import { factsOf, unitPath } from '../../../src/managers/systemd/systemd-unit.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const manager = '/org/freedesktop/systemd1';
const names = ['api.service', 'db.service'] as const;

function bench() {
  const listeners = new Set<(event: BusMessage | 'lost') => void>();
  const bus = {
    listen(listener: (event: BusMessage | 'lost') => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as KeptBus;
  const units = new FollowedUnits(bus, createFakeClock());
  let serial = 0;
  const send = (event: BusMessage | 'lost') => listeners.forEach((listener) => void listener(event));
  const told: string[] = [];
  const follow = (name: string) => units.follow(name, () => void told.push(name));
  return {
    units,
    listeners,
    told,
    follow,
    send,
    tell(member: string, path: string, ...body: readonly unknown[]) {
      serial += 1;
      send({ type: 'signal', serial, member, path, body: () => body });
    },
    /** What is known of each, after both were answered. */
    answer() {
      for (const name of names) {
        serial += 1;
        const properties = { Id: name, ActiveState: 'active' };
        units.get(name)?.answered(properties, factsOf(properties, ''), serial);
      }
    },
    known: () => names.filter((name) => units.get(name)?.facts !== undefined),
  };
}

type Bench = ReturnType<typeof bench>;

it.each<[string, (bench: Bench) => void, told: readonly string[], known: readonly string[]]>([
  [
    'a change to that unit',
    ({ tell }) => tell('PropertiesChanged', unitPath('api.service'), 'org.freedesktop.systemd1.Unit', {}, []),
    ['api.service'],
    ['db.service'],
  ],
  [
    'a job to its unit',
    ({ tell }) => tell('JobNew', manager, 7, '/job/7', 'api.service'),
    [],
    ['db.service'],
  ],
  [
    'the end of a job to its unit',
    ({ tell }) => tell('JobRemoved', manager, 7, '/job/7', 'db.service', 'done'),
    [],
    ['api.service'],
  ],
  [
    'a unit that goes to that unit',
    ({ tell }) => tell('UnitRemoved', manager, 'db.service', unitPath('db.service')),
    ['db.service'],
    ['api.service'],
  ],
  ['the end of a reload to all', ({ tell }) => tell('Reloading', manager, false), names, []],
  ['that signals may have been missed to all', ({ send }) => send('lost'), names, []],
  [
    'nothing of others',
    ({ tell }) => tell('PropertiesChanged', unitPath('other.service'), '', {}, []),
    [],
    names,
  ],
  ['no job of others', ({ tell }) => tell('JobNew', manager, 7, '/job/7', 'other.service'), [], names],
])('brings %s', (_what, happens, told, known) => {
  const scene = bench();
  for (const name of names) scene.follow(name);
  scene.answer();
  expect(scene.known()).toEqual(names);
  happens(scene);
  expect(scene.told).toEqual(told);
  expect(scene.known()).toEqual(known);
});

it('listens once, and for as long as a unit is followed', () => {
  const { follow, listeners, units, send, told } = bench();
  expect(listeners.size).toBe(0);
  const stops = [follow('api.service'), follow('api.service'), follow('db.service')];
  expect(listeners.size).toBe(1);
  send('lost');
  expect(told).toEqual(['api.service', 'api.service', 'db.service']);
  stops[0]?.();
  stops[2]?.();
  expect([units.get('api.service') !== undefined, units.get('db.service')]).toEqual([true, undefined]);
  stops[1]?.();
  // Twice is as good as once.
  stops[1]?.();
  expect([listeners.size, units.get('api.service')]).toEqual([0, undefined]);
  follow('db.service');
  expect(listeners.size).toBe(1);
});

it('tells also who stops to follow while it tells', () => {
  const { units, send } = bench();
  const stops: (() => void)[] = [];
  for (const name of names) stops.push(units.follow(name, () => stops.shift()?.()));
  send('lost');
  expect(names.map((name) => units.get(name))).toEqual([undefined, undefined]);
});
