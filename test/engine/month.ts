import { step } from '../../src/engine/engine.ts';
import { initialState } from '../../src/engine/state/initial.ts';
import { fractionOf } from '../../src/lib/hash.ts';
import { getFromShelf } from '../../src/lib/shelf.ts';
import type { Config } from '../../src/model/config.ts';
import type { Notice } from '../../src/model/notice.ts';
import type { EngineState, Operation } from '../../src/model/state.ts';
import type { Action, Input } from '../../src/model/step.ts';
import { createAgenda } from './agenda.ts';
import { judge, type Look, resultOf } from './world.ts';

const HOUR = 3_600_000;
const MONTH = 30 * 24 * HOUR;
const START = 1_800_000_000_000;

/** One outage: a process that died, which a restart mends, or an endpoint that fails until somebody elsewhere mends it. */
interface Outage {
  readonly from: number;
  readonly until: number;
  readonly died: boolean;
  mended: boolean;
}

/** How often a reader heard that something began, what became of it, and that it ended. */
export interface Heard {
  readonly begins: number;
  readonly news: number;
  readonly ends: number;
}

export interface Month {
  readonly tally: Readonly<Record<string, number>>;
  readonly state: EngineState;
  /** For each notifier and incident: what was told. */
  readonly told: ReadonlyMap<string, Heard>;
  /** Starts of repairs for each service. */
  readonly repairs: ReadonlyMap<string, readonly number[]>;
}

/** Lives through a month: every service has some outages, deaths are seen at once, everything else at its turn. */
export function liveThroughMonth(rules: Config): Month {
  const agenda = createAgenda();
  const tally: Record<string, number> = {};
  const told = new Map<string, Heard>();
  const repairs = new Map<string, number[]>();
  const outages = new Map<string, readonly Outage[]>();
  const turns = new Map<string, number>();
  let now = START;
  let wake = Number.POSITIVE_INFINITY;
  let state = initialState(rules, { now, wall: now });

  const countOne = (what: string): void => {
    tally[what] = (tally[what] ?? 0) + 1;
  };

  function give(input: Input): void {
    const done = step(rules, state, input, { now, wall: now }, judge);
    state = done.state;
    countOne('steps');
    for (const { type } of done.events) countOne(`event ${type}`);
    for (const action of done.actions) carryOut(action);
    if (done.wakeAt === undefined || done.wakeAt >= wake) return;
    wake = Math.max(done.wakeAt, now);
    const at = wake;
    agenda.add(at, () => {
      if (wake === at) wake = Number.POSITIVE_INFINITY;
      give({ type: 'tick' });
    });
  }

  function carryOut(action: Action): void {
    if (action.do === 'operate') operate(action.service, action.operation);
    if (action.do === 'notify') hear(action.notice);
    if (action.do === 'pace')
      takeTurn(action.service, action.check, now + (action.every ?? cadence(action.check)));
    if (action.do !== 'probe') return;
    for (const name of ['alive', 'responds']) takeTurn(action.service, name, now);
  }

  function hear({ notifier, kind, status, items }: Notice): void {
    countOne(`notice ${kind}`);
    for (const { incident, opening } of items) {
      const key = `${notifier} ${incident}`;
      const heard = told.get(key) ?? { begins: 0, news: 0, ends: 0 };
      const what = status === 'resolved' ? 'ends' : opening ? 'begins' : 'news';
      told.set(key, { ...heard, [what]: heard[what] + 1 });
    }
  }

  function operate(name: string, operation: Operation): void {
    if (operation.by === 'repair') repairs.set(name, [...(repairs.get(name) ?? []), now]);
    agenda.add(now + 2000, () => {
      for (const one of outages.get(name) ?? []) if (one.died && one.from <= now) one.mended = true;
      const result = { ok: true, detail: 'restarted', tookMs: 2000 };
      give({ type: 'operation-finished', service: name, operation: operation.id, result });
    });
  }

  function cadence(check: string): number {
    return check === 'alive' ? 24 * HOUR : 6 * HOUR;
  }

  /** The next turn of a check; an earlier one that was planned is forgotten. */
  function takeTurn(name: string, check: string, at: number): void {
    const key = `${name}/${check}`;
    turns.set(key, at);
    agenda.add(at, () => {
      if (turns.get(key) !== at) return;
      const pace = getFromShelf(state.services, name)?.checks[check]?.pace;
      takeTurn(name, check, now + (pace ?? cadence(check)));
      give({ type: 'observed', service: name, check, result: resultOf(look(name, check)), tookMs: 0 });
    });
  }

  function look(name: string, check: string): Look {
    const now_ = outages.get(name)?.find((one) => one.from <= now && now < one.until && !one.mended);
    if (!now_) return 'ok';
    if (now_.died) return 'gone';
    return check === 'alive' ? 'ok' : 'failing';
  }

  give({ type: 'configured', reason: 'start' });
  for (const { name, checks } of rules.services) {
    outages.set(name, outagesOf(name));
    for (const { from, until } of outages.get(name) ?? []) {
      countOne('outages');
      // Its end is looked at too: who mends something looks whether it worked.
      for (const at of [from, until]) {
        agenda.add(at, () => {
          for (const one of checks) takeTurn(name, one.name, now);
        });
      }
    }
    for (const check of checks)
      takeTurn(name, check.name, START + HOUR * fractionOf(`${name}/${check.name}`));
  }
  for (let next = agenda.next(); next && next.at < START + MONTH; next = agenda.next()) {
    now = next.at;
    next.run();
  }
  return { tally, state, told, repairs };
}

/** None to five outages, all over well before the month is. */
function outagesOf(name: string): readonly Outage[] {
  const random = (what: string): number => fractionOf(`${name} ${what}`);
  return Array.from({ length: Math.floor(6 * random('how many')) }, (_, index) => {
    const from = START + HOUR + random(`from ${index}`) * (MONTH - 48 * HOUR);
    const lasts = 30_000 + random(`lasts ${index}`) ** 3 * 12 * HOUR;
    return { from, until: from + lasts, died: random(`died ${index}`) < 0.6, mended: false };
  });
}
