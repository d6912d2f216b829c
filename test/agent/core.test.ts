import { describe, expect, it } from 'vitest';
import { type Core, createCore } from '../../src/agent/core.ts';
import { blankState } from '../../src/engine/state/initial.ts';
import type { Config } from '../../src/model/config.ts';
import type { Notice } from '../../src/model/notice.ts';
import type { Action, Input, Step } from '../../src/model/step.ts';
import type { StoreChange } from '../../src/state/store.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const notice = { id: 'n1', notifier: 'team', title: 'DOWN api' } as Notice;

function bench(
  stepOf: (input: Input, sequence: number) => Partial<Step>,
  inOrder = false,
  onMoment = (_at: number) => {},
) {
  const clock = createFakeClock();
  const batches: (readonly StoreChange[])[] = [];
  const log: string[] = [];
  const bugs: string[] = [];
  const inputs: string[] = [];
  const core: Core = createCore({
    clock,
    config: {} as Config,
    state: blankState(clock.instant()),
    store: {
      batch: (changes) => {
        log.push(`saved ${changes.map(([key]) => key).join(' ')}`);
        batches.push(changes);
      },
    },
    step: (_config, state, input, at) => {
      inputs.push(input.type);
      onMoment(at.now);
      const sequence = state.sequence + 1;
      return { state: { ...state, sequence }, events: [], actions: [], ...stepOf(input, sequence) };
    },
    changedParts: (_before, after) => ({
      now: [['engine', after.sequence]],
      later: [`service-${after.sequence}`],
      services: [`service-${after.sequence}`],
    }),
    servicePart: (state, name) => [`service/${name}`, state.sequence],
    outboxEntry: (one) => [`outbox/${one.id}`, one],
    onEvents: (events) => log.push(...events.map(({ text }) => `event ${text}`)),
    inOrder,
    onActions: (actions) => log.push(...actions.map((action) => `action ${action.do}`)),
    onBug: (error, about) => bugs.push(`${about}: ${(error as Error).message}`),
  });
  return { clock, core, batches, log, bugs, inputs };
}

describe('one step', () => {
  it('saves the state and the notices it decided in one batch, before anything is done about them', () => {
    const actions: Action[] = [
      { do: 'notify', notice },
      { do: 'probe', service: 'api' },
    ];
    const { core, log, batches } = bench(() => ({
      actions,
      events: [{ at: 1, type: 'failed', service: 'api', text: 'down' }],
    }));
    core.apply({ type: 'tick' });
    expect(log).toEqual(['saved engine outbox/n1', 'event down', 'action notify', 'action probe']);
    expect(batches.length).toBe(1);
  });

  it('leaves everything as it was when the engine has a bug, and goes on', () => {
    const { core, bugs, batches } = bench((input) => {
      if (input.type === 'tick') throw new Error('oops');
      return {};
    });
    core.apply({ type: 'tick' });
    expect(core.state.sequence).toBe(0);
    expect(batches).toEqual([]);
    expect(bugs).toEqual(["the decision about 'tick': oops"]);
    core.apply({ type: 'trust', trusted: true });
    expect(core.state.sequence).toBe(1);
  });

  it('tells of a repair once it is under way, of everything in its order, and of nothing less because the agent stops', async () => {
    const operate = { do: 'operate', service: 'api' } as Action;
    const made = bench((input, sequence) => ({
      actions: input.type === 'tick' ? [operate] : [],
      events: [{ at: 1, type: 'failed', service: 'api', text: `number ${sequence}` }],
    }));
    made.core.apply({ type: 'tick' });
    expect(made.log).toEqual(['saved engine', 'action operate']);
    await made.clock.advance(1);
    expect(made.log.slice(2)).toEqual(['event number 1']);
    made.core.apply({ type: 'tick' });
    made.core.apply({ type: 'trust', trusted: true });
    expect(made.log.slice(5)).toEqual(['saved engine', 'event number 2', 'event number 3']);
    made.core.apply({ type: 'tick' });
    made.core.tellEvents();
    expect(made.log.slice(10)).toEqual(['event number 4']);
    made.core.apply({ type: 'tick' });
    made.core.stop();
    expect(made.log.slice(13)).toEqual(['event number 5']);
    await made.clock.advance(1);
    expect(made.log.length).toBe(14);
  });

  it('tells of a repair before it is done where only that is wanted to be seen', () => {
    const made = bench(
      () => ({
        actions: [{ do: 'operate', service: 'api' } as Action],
        events: [{ at: 1, type: 'failed', service: 'api', text: 'down' }],
      }),
      true,
    );
    made.core.apply({ type: 'tick' });
    expect(made.log).toEqual(['saved engine', 'event down', 'action operate']);
  });

  it('saves what several inputs that were brought together changed in one batch, and does and tells it in their order', () => {
    const { core, log, inputs } = bench((input, sequence) => ({
      actions: [{ do: 'probe', service: input.type }],
      events: [{ at: 1, type: 'failed', service: 'api', text: `of ${input.type}` }],
      wakeAt: sequence,
    }));
    core.apply({ type: 'trust', trusted: true }, { type: 'tick' });
    expect(inputs).toEqual(['trust', 'tick']);
    expect(core.state.sequence).toBe(2);
    expect(log).toEqual(['saved engine', 'event of trust', 'event of tick', 'action probe', 'action probe']);
    expect(core.unsaved).toBe(1);
  });

  it('goes on with the next of them where the engine has a bug with one', () => {
    const { core, bugs, log } = bench((input) => {
      if (input.type === 'trust') throw new Error('oops');
      return { events: [{ at: 1, type: 'failed', service: 'api', text: input.type }] };
    });
    core.apply({ type: 'trust', trusted: true }, { type: 'tick' });
    core.apply({ type: 'tick' }, { type: 'trust', trusted: true });
    expect(bugs.length).toBe(2);
    expect(core.state.sequence).toBe(2);
    expect(log).toEqual(['saved engine', 'event tick', 'saved engine', 'event tick']);
  });

  it('takes what a step causes right after it, never inside it', () => {
    const seen: string[] = [];
    const made = bench(() => ({ actions: [{ do: 'probe', service: 'api' }] }));
    made.core.onStep(() => {
      seen.push(`step ${made.core.state.sequence}`);
      if (made.core.state.sequence === 1) {
        made.core.apply({ type: 'trust', trusted: true });
        seen.push('applied');
      }
    });
    made.core.apply({ type: 'tick' });
    expect(seen).toEqual(['step 1', 'applied', 'step 2']);
    expect(made.inputs).toEqual(['tick', 'trust']);
  });

  it('says of which services something is new, and whether what is seen is believed began or ended', () => {
    const made = bench((input) => ({
      ...(input.type === 'trust' && {
        state: { ...made.core.state, trust: { ...made.core.state.trust, trusted: false } },
      }),
    }));
    const changes: unknown[] = [];
    made.core.onStep((changed) => changes.push(changed));
    made.core.apply({ type: 'tick' });
    made.core.apply({ type: 'trust', trusted: false });
    expect(changes).toEqual([
      { services: ['service-1'], trust: false },
      { services: ['service-1'], trust: true },
    ]);
  });

  it('gives a tick when the engine asked for one, and only the newest wish counts', async () => {
    const { core, clock, inputs } = bench((input) => {
      const { now } = clock.instant();
      if (input.type === 'trust') return { wakeAt: now + 60_000 };
      return input.type === 'reload-refused' ? { wakeAt: now + 1000 } : {};
    });
    core.apply({ type: 'trust', trusted: true });
    core.apply({ type: 'reload-refused', summary: 'x' });
    await clock.advance(999);
    expect(inputs).toEqual(['trust', 'reload-refused']);
    await clock.advance(1);
    expect(inputs).toEqual(['trust', 'reload-refused', 'tick']);
    await clock.advance(120_000);
    expect(inputs.length).toBe(3);
  });

  it('saves what may wait by and by, what waits longest first', () => {
    const { core, batches } = bench(() => ({}));
    for (let n = 0; n < 3; n += 1) core.apply({ type: 'tick' });
    expect(core.unsaved).toBe(3);
    core.flush(2);
    expect(batches.at(-1)).toEqual([
      ['service/service-1', 3],
      ['service/service-2', 3],
    ]);
    core.flush();
    expect(batches.at(-1)).toEqual([['service/service-3', 3]]);
    expect(core.unsaved).toBe(0);
    core.flush();
    expect(batches.length).toBe(5);
  });

  it('takes nothing more once it is stopped', async () => {
    const { core, clock, inputs } = bench(() => ({ wakeAt: clock.instant().now + 10 }));
    core.apply({ type: 'tick' });
    core.stop();
    core.apply({ type: 'tick' });
    await clock.advance(1000);
    expect(inputs).toEqual(['tick']);
  });
});

describe('inputs of which it is known what follows', () => {
  const tick: Input = { type: 'tick' };
  const trust: Input = { type: 'trust', trusted: true };

  function made() {
    const world = bench((input) => ({
      events: [{ at: 1, type: 'failed', service: 'api', text: `of ${input.type}` }],
    }));
    const begin = () => {
      world.log.push('begun');
      return () => world.log.push('decided');
    };
    return { ...world, begin };
  }
  const all = ['begun', 'saved engine', 'event of tick', 'decided'];

  it('are decided about a moment after that has begun', async () => {
    const { core, clock, log, begin } = made();
    core.applyWithHeadStart(begin, tick);
    expect(log).toEqual(['begun']);
    expect(core.state.sequence).toBe(0);
    await clock.advance(4);
    expect(log).toEqual(all);
    await clock.advance(1000);
    expect(log).toEqual(all);
  });

  it('are decided about for the moment in which that began', async () => {
    const moments: number[] = [];
    const { core, clock } = bench(
      () => ({ wakeAt: clock.instant().now + 100 }),
      false,
      (at) => moments.push(at),
    );
    const { now } = clock.instant();
    core.applyWithHeadStart(() => () => {}, tick);
    await clock.advance(4);
    expect(moments).toEqual([now]);
    await clock.advance(99);
    expect(moments).toEqual([now]);
    await clock.advance(1);
    expect(moments).toEqual([now, now + 104]);
  });

  it('are said to have begun until they are decided about', async () => {
    const { core, clock, begin } = made();
    const gone: Input = {
      type: 'observed',
      service: 'api',
      check: 'alive',
      result: { outcome: 'failed', reason: 'gone' },
      tookMs: 0,
    };
    expect(core.hasHeadStart('api')).toBe(false);
    core.applyWithHeadStart(begin, gone);
    expect([core.hasHeadStart('api'), core.hasHeadStart('web')]).toEqual([true, false]);
    await clock.advance(4);
    expect(core.hasHeadStart('api')).toBe(false);
  });

  it('lose nothing that comes after them where they break, and what began hears of it', () => {
    const { core, bugs, inputs, log, begin } = made();
    const stop = core.onStep(() => {
      stop();
      throw new Error('oops');
    });
    core.applyWithHeadStart(begin, tick);
    core.apply(trust);
    expect(inputs).toEqual(['tick', 'trust']);
    expect(log).toContain('decided');
    expect(bugs).toEqual(['what had begun: oops']);
  });

  it('wait for nothing that an earlier mistake has left undecided', () => {
    const { core, inputs, log, begin } = made();
    const stop = core.onStep(() => {
      stop();
      core.apply(trust);
      throw new Error('oops');
    });
    expect(() => core.apply(tick)).toThrow('oops');
    core.applyWithHeadStart(begin, tick);
    expect(inputs).toEqual(['tick', 'trust', 'tick']);
    expect(log).not.toContain('begun');
  });

  it('are decided about before a tick that is due meanwhile', async () => {
    const { core, clock, inputs } = bench((input) =>
      input.type === 'trust' ? { wakeAt: clock.instant().now + 2 } : {},
    );
    core.apply(trust);
    core.applyWithHeadStart(() => () => {}, { type: 'holding', service: 'api' });
    await clock.advance(2);
    expect(inputs).toEqual(['trust', 'holding', 'tick']);
    await clock.advance(10);
    expect(inputs).toHaveLength(3);
  });

  it('are decided about before anything else is, in their order', async () => {
    const { core, clock, inputs, log, begin } = made();
    core.applyWithHeadStart(begin, tick);
    core.apply(trust);
    expect(inputs).toEqual(['tick', 'trust']);
    expect(log.slice(0, 4)).toEqual(all);
    core.applyWithHeadStart(begin, tick);
    core.applyWithHeadStart(begin, trust);
    expect(log.slice(6)).toEqual([...all, 'begun']);
    await clock.advance(4);
    expect(inputs).toEqual(['tick', 'trust', 'tick', 'trust']);
  });

  it('are decided about by the rules that were in force, and before everything is saved or the agent ends', () => {
    const ends: readonly ((core: Core) => void)[] = [
      (core) => core.reconfigure({} as Config, 'reload'),
      (core) => core.flush(),
      (core) => core.stop(),
    ];
    for (const end of ends) {
      const { core, log, begin } = made();
      core.applyWithHeadStart((config) => {
        expect(config).toBe(core.config);
        return begin();
      }, tick);
      const { config } = core;
      const stop = core.onStep(() => {
        expect(core.config).toBe(config);
        stop();
      });
      end(core);
      expect(log.slice(0, 4)).toEqual(all);
    }
  });

  it('are decided about at once where nothing follows, where that cannot be told, and in the middle of a step', () => {
    const { core, bugs, log, begin } = made();
    core.applyWithHeadStart(() => undefined, tick);
    core.applyWithHeadStart(() => {
      throw new Error('oops');
    }, tick);
    expect(core.state.sequence).toBe(2);
    expect(bugs).toEqual(['what follows from an input: oops']);
    const stop = core.onStep(() => {
      stop();
      core.applyWithHeadStart(begin, trust);
    });
    core.apply(tick);
    expect(core.state.sequence).toBe(4);
    expect(log).not.toContain('begun');
  });

  it("are nobody's any more once it is stopped", () => {
    const { core, log, begin } = made();
    core.stop();
    core.applyWithHeadStart(begin, tick);
    expect(log).toEqual([]);
  });
});
