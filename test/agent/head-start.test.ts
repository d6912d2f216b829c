import { describe, expect, it } from 'vitest';
import { createCore } from '../../src/agent/core.ts';
import { createDispatcher } from '../../src/agent/dispatcher.ts';
import { createHeadStart } from '../../src/agent/head-start.ts';
import { step } from '../../src/engine/engine.ts';
import type { Judge } from '../../src/engine/judge.ts';
import { initialState } from '../../src/engine/state/initial.ts';
import { changedParts, servicePart } from '../../src/engine/state/parts.ts';
import { getFromShelf } from '../../src/lib/shelf.ts';
import type { ManagerReport, OperationResult } from '../../src/model/manager.ts';
import type { Input, OperatorCommand } from '../../src/model/step.ts';
import { alive, config, service } from '../engine/rules.ts';
import { judge } from '../engine/world.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const report = (activity: ManagerReport['activity']): Input => ({
  type: 'reported',
  service: 'api',
  report: { intent: 'run', activity, detail: activity },
});
const look = (up: boolean): Input => ({
  type: 'observed',
  service: 'api',
  check: 'alive',
  result: up
    ? { outcome: 'read', reading: { verdict: 'ok' } }
    : { outcome: 'failed', reason: 'no such process' },
  tookMs: 0,
});
const death = [report('failed'), look(false)];

/** The engine and what does what it decides, of a service that is up. */
async function up(more: { readonly judge?: Judge; readonly dryRun?: boolean } = {}) {
  const clock = createFakeClock();
  const rules = config([service('api', [alive({ repair: [{ kind: 'start' }] })])]);
  const log: string[] = [];
  const ends: ((result: OperationResult) => void)[] = [];
  const judging: Judge = (...given) => (more.judge ?? judge)(...given);
  const core = createCore({
    clock,
    config: rules,
    state: initialState(rules, clock.instant()),
    store: { batch: (changes) => void log.push(`saved ${changes.map(([key]) => key).join(' ')}`) },
    step: (now, state, input, at) => step(now, state, input, at, judging),
    changedParts,
    servicePart,
    outboxEntry: ({ id }) => [`outbox/${id}`, {}],
    onEvents: (events) => log.push(...events.map(({ type }) => type)),
    onActions: (actions) => dispatcher.perform(actions),
    onBug: (error) => log.push(`bug: ${(error as Error).message}`),
  });
  const dispatcher = createDispatcher({
    serviceOf: (name) => rules.services.find((one) => one.name === name),
    scheduler: { nudge() {}, pace() {} },
    operate: (_service, { kind, by }, _signal, decidedOn) => {
      log.push(`${kind} by ${by}, ${decidedOn?.activity}`);
      return new Promise((resolve) => ends.push(resolve));
    },
    reportOf: (name) => getFromShelf(core.state.services, name)?.report,
    capture: async () => ({ summary: '' }),
    append: async () => {},
    deliver() {},
    tell: (...inputs) => headStart.apply(inputs),
    onBug: (error) => log.push(`bug: ${(error as Error).message}`),
    after: (ms, run) => clock.after(ms, run),
    dryRun: more.dryRun === true ? () => {} : undefined,
  });
  const headStart = createHeadStart({ core, dispatcher, judge: judging });
  core.reconfigure(rules, 'start');
  headStart.apply([report('running'), look(true)]);
  await clock.advance(1000);
  log.splice(0);
  const order = (what: OperatorCommand['do']): void =>
    core.apply({ type: 'command', command: { do: what, service: 'api' } as OperatorCommand, by: 'anna' });
  const of = () => getFromShelf(core.state.services, 'api');
  return {
    clock,
    core,
    log,
    dispatcher,
    order,
    of,
    tell: (inputs: readonly Input[]) => headStart.apply(inputs),
    end: async (ok: boolean) => {
      ends.shift()?.({ ok, detail: ok ? 'started' : 'no such file', tookMs: 1 });
      await clock.advance(0);
    },
  };
}

describe('the repair of what is dead', () => {
  it('begins before it is decided, saved and told, and is one repair', async () => {
    const { clock, log, of, tell, end } = await up();
    tell(death);
    expect(log).toEqual(['start by repair, failed']);
    expect(of()?.operation).toBeUndefined();
    await clock.advance(4);
    expect(log[1]).toMatch(/^saved service\/api incident\/\S+ /);
    expect(of()?.operation).toMatchObject({
      kind: 'start',
      by: 'repair',
      startedAt: clock.instant().now - 4,
    });
    await clock.advance(1);
    expect(log.filter((line) => line === 'failed' || line === 'repair-started')).toEqual([
      'failed',
      'repair-started',
    ]);
    await end(true);
    expect(of()?.operation).toBeUndefined();
    expect(of()?.repair.attempts).toHaveLength(1);
    expect(log.filter((line) => line.startsWith('start by'))).toHaveLength(1);
    expect(log.join()).not.toContain('bug');
  });

  it('that is over before it is decided ends as it ended', async () => {
    const { clock, log, of, tell, end } = await up();
    tell(death);
    await end(false);
    expect(of()?.operation).toBeUndefined();
    await clock.advance(4);
    expect(log).toContain('repair-started');
    expect(of()).toMatchObject({
      operation: undefined,
      repair: { attempts: [expect.any(Number)], failures: 1 },
    });
  });

  it('is decided before what an operator wants meanwhile', async () => {
    const { clock, log, of, order, tell, end } = await up();
    tell(death);
    await clock.advance(2);
    order('stop');
    expect(of()).toMatchObject({ operation: { kind: 'start' }, queue: [{ kind: 'stop', by: 'operator' }] });
    expect(log.filter((line) => line.includes(' by '))).toEqual(['start by repair, failed']);
    await end(true);
    expect(log.filter((line) => line.includes(' by ')).slice(1)).toEqual(['stop by operator, undefined']);
  });

  it('that is seen to be up meanwhile stays a repair', async () => {
    const { clock, log, of, tell, end } = await up();
    tell(death);
    await clock.advance(2);
    tell([report('running'), look(true)]);
    expect(of()?.operation).toMatchObject({ kind: 'start' });
    await end(true);
    expect(log).toContain('repair-started');
    expect(log.filter((line) => line.includes(' by '))).toEqual(['start by repair, failed']);
  });

  it('waits for the decision where nothing is certain: it has just been repaired, or nobody may repair it', async () => {
    const again = await up();
    again.tell(death);
    await again.clock.advance(4);
    await again.end(true);
    again.log.splice(0);
    again.tell(death);
    expect(again.log[0]).toMatch(/^saved /);
    const held = await up();
    held.core.apply({ type: 'holding', service: 'api', reason: 'dpkg is running' });
    held.tell(death);
    await held.clock.advance(10);
    expect(held.log.filter((line) => line.includes(' by '))).toEqual([]);
    const dry = await up({ dryRun: true });
    dry.tell(death);
    await dry.clock.advance(10);
    expect(dry.log).toContain('repair-started');
    expect(dry.log.filter((line) => line.includes(' by '))).toEqual([]);
  });

  it('does not begin over and over where deciding on it breaks', async () => {
    let broken = false;
    const { clock, log, tell } = await up({
      judge: (rules, result, memory, at) => {
        if (broken && result.outcome === 'failed') throw new Error('oops');
        return judge(rules, result, memory, at);
      },
    });
    broken = true;
    for (let n = 0; n < 20; n += 1) {
      tell(death);
      await clock.advance(100);
    }
    expect(log.filter((line) => line.includes(' by '))).toEqual(['start by repair, failed']);
    expect(log.filter((line) => line.startsWith('bug: start'))).toEqual([
      expect.stringContaining('was begun, and not decided'),
    ]);
  });
});
