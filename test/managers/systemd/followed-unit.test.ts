import { beforeEach, describe, expect, it } from 'vitest';
import type { BusMessage } from '../../../src/host/dbus.ts';
import { FollowedUnit } from '../../../src/managers/systemd/followed-unit.ts';
import { factsOf, type UnitProperties } from '../../../src/managers/systemd/systemd-unit.ts';
import { ofService, ofUnit, running } from './unit-properties.ts';

const path = '/org/freedesktop/systemd1/unit/api_2eservice';
const manager = '/org/freedesktop/systemd1';
let now = 0;
let serial = 10;
let unit: FollowedUnit;
let told: number;

function signal(member: string, at: string, ...body: readonly unknown[]): BusMessage {
  serial += 1;
  return { type: 'signal', serial, path: at, member, body: () => body };
}
const changed = (of: string, changes: UnitProperties) =>
  unit.hear(signal('PropertiesChanged', path, `org.freedesktop.systemd1.${of}`, changes, []));
/** Of the replies and signals of systemd each has a serial of its own. */
function answered(properties: UnitProperties, at?: number): void {
  serial += 1;
  unit.answered(properties, factsOf(properties, ''), at ?? serial);
}

beforeEach(() => {
  now = 0;
  told = 0;
  unit = new FollowedUnit('api.service', () => now);
  unit.followers.add(() => {
    told += 1;
  });
  answered(running);
});

describe('a service that ends', () => {
  it('is known by what is told: the rest is as it was answered', () => {
    changed('Service', ofService);
    changed('Unit', ofUnit);
    expect(unit.facts).toEqual(factsOf({ ...running, ...ofService, ...ofUnit }, ''));
    expect(unit.facts).toMatchObject({ activeState: 'failed', exitStatus: 9, startLimit: 5 });
  });

  it('is told of once, when all of it is', () => {
    changed('Service', ofService);
    expect({ told, facts: unit.facts }).toEqual({ told: 0, facts: undefined });
    changed('Unit', ofUnit);
    expect(told).toBe(1);
  });

  it.each<[string, UnitProperties, UnitProperties]>([
    ['has a job', ofService, { ...ofUnit, Job: [7, '/job/7'] }],
    ['did not meet a condition', ofService, { ...ofUnit, ConditionResult: false }],
    ['is started again by systemd', ofService, { ...ofUnit, ActiveState: 'activating' }],
    ['ran another time in between', ofService, { ...ofUnit, InactiveExitTimestamp: 1_500_000 }],
    ['is of a systemd that did not tell everything', { Result: 'signal', MainPID: 0 }, ofUnit],
  ])('is asked about when it %s', (_, service, all) => {
    changed('Service', service);
    changed('Unit', all);
    expect({ told, facts: unit.facts }).toEqual({ told: 1, facts: undefined });
  });

  // On its way to being started again it is called failed, with no job and in the same run.
  it.each<UnitProperties>([{ Restart: 'on-failure' }, { RestartForceExitStatus: [[], [9]] }])(
    'is asked about when systemd starts it again itself: %o',
    async (rules) => {
      answered({ ...running, ...rules });
      changed('Service', ofService);
      changed('Unit', ofUnit);
      expect(unit.facts).toBeUndefined();
      expect(await unit.end(new AbortController().signal)).toBeUndefined();
    },
  );

  it('is known also of a systemd without properties that others have', () => {
    const { StateChangeTimestamp: _, ...answer } = running;
    const { StateChangeTimestamp: __, ...told } = ofUnit;
    answered(answer);
    changed('Service', ofService);
    changed('Unit', told);
    expect(unit.facts).toMatchObject({ activeState: 'failed', stateChangedAt: 0 });
  });

  it('is asked about when nobody had answered since it came up', () => {
    changed('Unit', { ...ofUnit, ActiveState: 'activating', InactiveExitTimestamp: 3_000_000 });
    changed('Unit', { ...ofUnit, ActiveState: 'active', InactiveExitTimestamp: 3_000_000 });
    changed('Service', ofService);
    changed('Unit', { ...ofUnit, InactiveExitTimestamp: 3_000_000 });
    expect(unit.facts).toBeUndefined();
  });

  it('is known also after other changes in its run were told', () => {
    changed('Service', { ...ofService, Result: 'success', MainPID: 100, StatusText: 'busy' });
    changed('Unit', { ...ofUnit, ActiveState: 'active', SubState: 'running' });
    expect(unit.facts).toBeUndefined();
    changed('Service', ofService);
    changed('Unit', ofUnit);
    expect(unit.facts).toMatchObject({ activeState: 'failed', statusText: 'busy' });
  });
});

describe('who waits for an end', () => {
  const late = new AbortController();

  it('gets it when it is told', async () => {
    const end = unit.end(late.signal);
    changed('Service', ofService);
    changed('Unit', { ...ofUnit, ActiveState: 'deactivating', SubState: 'stop-post' });
    changed('Unit', ofUnit);
    expect(await end).toMatchObject({ activeState: 'failed' });
  });

  it('is not held up by what cannot be told', async () => {
    const restarted = unit.end(late.signal);
    changed('Unit', { ...ofUnit, ActiveState: 'activating' });
    expect(await restarted).toBeUndefined();
    const other = new FollowedUnit('other.service', () => now);
    expect(await other.end(late.signal)).toBeUndefined();
  });

  it('is let go when signals may have been missed, and when the time is up', async () => {
    const lost = unit.end(late.signal);
    unit.hear('lost');
    expect(await lost).toBeUndefined();
    answered(running);
    const over = new AbortController();
    const waiting = unit.end(over.signal);
    over.abort();
    expect(await waiting).toBeUndefined();
  });

  it('does not take the answer of before for it', async () => {
    answered(running);
    expect(unit.facts).toMatchObject({ activeState: 'active' });
    const end = unit.end(late.signal);
    changed('Service', ofService);
    changed('Unit', ofUnit);
    expect(await end).toMatchObject({ activeState: 'failed' });
  });
});

describe('an answer', () => {
  it('is believed for a second, and no longer', () => {
    now = 999;
    expect(unit.facts).toMatchObject({ activeState: 'active' });
    now = 1000;
    expect(unit.facts).toBeUndefined();
  });

  it('that was on its way while something was told is an old one', () => {
    const before = serial;
    changed('Unit', { ...ofUnit, ActiveState: 'active' });
    answered(running, before);
    expect(unit.facts).toBeUndefined();
  });

  it('is forgotten when unit files were read anew, or the unit was', () => {
    unit.hear(signal('Reloading', manager, true));
    expect(unit.facts).toBeDefined();
    unit.hear(signal('Reloading', manager, false));
    expect(unit.facts).toBeUndefined();
    changed('Service', ofService);
    changed('Unit', ofUnit);
    expect(unit.facts).toBeUndefined();
    answered(running);
    unit.hear(signal('UnitRemoved', manager, 'other.service', '/other'));
    expect(unit.facts).toBeDefined();
    unit.hear(signal('UnitRemoved', manager, 'api.service', path));
    expect(unit.facts).toBeUndefined();
  });

  it('is an old one from the beginning and the end of a job on', () => {
    for (const member of ['JobNew', 'JobRemoved']) {
      answered(running);
      const before = serial;
      unit.hear(signal(member, manager, 7, '/job/7', 'api.service', 'done'));
      expect(unit.facts).toBeUndefined();
      answered(running, before);
      expect(unit.facts).toBeUndefined();
    }
    // What is told of its end afterwards is as good as before.
    changed('Service', ofService);
    changed('Unit', ofUnit);
    expect(unit.facts).toMatchObject({ activeState: 'failed' });
  });

  it('counts its jobs, and those of no other unit', () => {
    unit.hear(signal('JobNew', manager, 7, '/job/7', 'api.service'));
    unit.hear(signal('JobRemoved', manager, 7, '/job/7', 'api.service', 'done'));
    unit.hear(signal('JobNew', manager, 8, '/job/8', 'other.service'));
    expect(unit.jobEvents).toBe(2);
    unit.hear('lost');
    expect(unit.jobEvents).toBe(3);
  });
});
