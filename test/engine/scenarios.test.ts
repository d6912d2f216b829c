import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/conditions/compile.ts';
import { judge } from '../../src/conditions/judge.ts';
import type { Condition } from '../../src/model/condition.ts';
import type { ProbeResult, ReadingFields } from '../../src/model/reading.ts';
import type { Check } from '../../src/model/service.ts';
import { alive, check, config, service } from './rules.ts';
import { incidents, operations, pass, probe, told, view, type World, world } from './world.ts';

/** The failures of a real night, with real conditions, through the whole engine in milliseconds. */

const fields: ReadingFields = {
  status: { type: 'number', quantity: 'count', meaning: 'HTTP status' },
  latency: { type: 'number', quantity: 'duration', meaning: 'time to the last byte' },
  memory_tree: { type: 'number', quantity: 'bytes', meaning: 'resident memory with children' },
  used: { type: 'number', quantity: 'percent', meaning: 'used space' },
  running: { type: 'flag', meaning: 'whether it runs' },
};

function conditions(...texts: readonly string[]): readonly Condition[] {
  return texts.map((text) => {
    const { condition, problems } = compileCondition(text, fields, {
      file: 'api.yaml',
      line: 1,
      column: 1,
      length: 1,
    });
    if (!condition) throw new Error(problems.map(({ message }) => message).join('\n'));
    return condition;
  });
}

const restart = { kind: 'restart' };

/** What is true of the service, and what its restart makes of it. */
interface Machine {
  alive: boolean;
  hung: boolean;
  status: number;
  memory: number;
  used: number;
}

const healthy: Machine = { alive: true, hung: false, status: 200, memory: 100e6, used: 40 };

function see(machine: Machine, name: string): ProbeResult {
  if (name === 'space') return { outcome: 'read', reading: { used: machine.used } };
  if (!machine.alive)
    return { outcome: 'failed', reason: name === 'alive' ? 'no such process' : 'connection refused' };
  if (name === 'alive') return { outcome: 'read', reading: { running: true } };
  if (name === 'leak') return { outcome: 'read', reading: { memory_tree: machine.memory } };
  if (machine.hung) return { outcome: 'failed', reason: 'no answer within 2 s' };
  return { outcome: 'read', reading: { status: machine.status, latency: 41 } };
}

const checks: readonly Check[] = [
  alive(),
  check('responds', {
    expect: conditions('status == 200', 'latency < 500 ms'),
    repair: [restart],
    remindEvery: 3_600_000,
  }),
  check('leak', {
    warn: conditions('memory_tree > 400 MB'),
    expect: conditions('memory_tree < 500 MB'),
    failAfter: { count: 5, of: 6 },
    repair: [restart],
  }),
];

function machineWorld(): { w: World; machine: Machine } {
  const machine = { ...healthy };
  const rules = config([
    service('api', checks),
    service('host', [check('space', { expect: conditions('used < 90%') })]),
  ]);
  const w = world(rules, {
    judge,
    result: (name, which) => (name === 'host' ? see(machine, 'space') : see(machine, which)),
    operate: () => {
      Object.assign(machine, { ...healthy, used: machine.used });
      return { ok: true, detail: 'started, pid 4242', tookMs: 900 };
    },
  });
  pass(w, 60_000);
  return { w, machine };
}

function story({ w }: { w: World }) {
  const [incident] = incidents(w);
  return {
    told: told(w),
    repairs: incident?.repairs.map(({ kind, outcome }) => `${kind} ${outcome}`),
    titles: w.notices.map(({ title }) => title),
    states: [view(w, 'api')?.state, view(w, 'host')?.state],
  };
}

describe('a night', () => {
  it('kill -9', () => {
    const night = machineWorld();
    night.machine.alive = false;
    probe(night.w, 'api/alive');
    pass(night.w, 300_000);
    expect(story(night)).toEqual({
      told: ['team failed', 'team recovered'],
      repairs: ['restart held'],
      titles: ['DOWN api/alive: no such process', 'UP api/alive after 1 s, restart held'],
      states: ['up', 'up'],
    });
    expect(incidents(night.w)).toHaveLength(1);
  });

  it('an endpoint that accepts and never answers', () => {
    const night = machineWorld();
    night.machine.hung = true;
    pass(night.w, 300_000);
    expect(story(night)).toEqual({
      told: ['team failed', 'team recovered'],
      repairs: ['restart held'],
      titles: ['DOWN api/responds: no answer within 2 s', 'UP api/responds after 21 s, restart held'],
      states: ['up', 'up'],
    });
  });

  it('a 500', () => {
    const night = machineWorld();
    night.machine.status = 500;
    pass(night.w, 300_000);
    const { told: heard, repairs, titles } = story(night);
    expect([heard, repairs]).toEqual([['team failed', 'team recovered'], ['restart held']]);
    expect(titles[0]).toMatch(/^DOWN api\/responds: status/);
    expect(night.w.notices[0]?.items[0]).toMatchObject({ measured: '500', tolerance: '3 of 3 cycles' });
    expect(night.w.notices[1]?.items[0]?.repairs).toMatchObject([{ kind: 'restart', outcome: 'held' }]);
  });

  it('a memory leak: a warning first, a restart when it is too much', () => {
    const night = machineWorld();
    for (let i = 0; i < 60; i++) {
      night.machine.memory += 10e6;
      pass(night.w, 10_000);
      if (operations(night.w).length > 0) break;
    }
    pass(night.w, 300_000);
    const { told: heard, repairs, titles } = story(night);
    expect(heard).toEqual(['team failed', 'team escalated', 'team recovered']);
    expect(repairs).toEqual(['restart held']);
    expect(titles.map((title) => title.split(' ')[0])).toEqual(['WARNING', 'DOWN', 'UP']);
    expect(operations(night.w)).toHaveLength(1);
  });

  it('a full filesystem: told at once to everybody, repaired by nobody, and its end is told', () => {
    const night = machineWorld();
    night.machine.used = 97;
    pass(night.w, 300_000);
    expect(story(night).told).toEqual(['team failed', 'oncall failed']);
    expect(story(night).states).toEqual(['up', 'down']);
    night.machine.used = 40;
    pass(night.w, 60_000);
    expect(story(night).told.slice(2)).toEqual(['team recovered', 'oncall recovered']);
    expect(operations(night.w)).toEqual([]);
  });

  it('all of it at once', () => {
    const night = machineWorld();
    Object.assign(night.machine, { alive: false, hung: true, status: 500, memory: 900e6, used: 97 });
    pass(night.w, 600_000);
    night.machine.used = 40;
    pass(night.w, 60_000);
    expect(operations(night.w)).toHaveLength(1);
    expect(story(night).states).toEqual(['up', 'up']);
    expect(story(night).told.toSorted()).toEqual([
      'oncall failed',
      'oncall recovered',
      'team failed',
      'team failed',
      'team recovered',
      'team recovered',
    ]);
  });
});
