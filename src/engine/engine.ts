import { judge as judgeByConditions } from '../conditions/judge.ts';
import type { Config } from '../model/config.ts';
import type { Instant } from '../model/instant.ts';
import type { EngineState } from '../model/state.ts';
import type { Input, Step } from '../model/step.ts';
import { afterQuietCycle, cycleOf, observe } from './checks/cycle.ts';
import { evidenceCaptured } from './incidents/evidence.ts';
import type { Judge } from './judge.ts';
import { nextWake } from './next-wake.ts';
import { delivered, deliveryChanged } from './notices/delivery-news.ts';
import { flushDigests } from './notices/digest.ts';
import { flushNotices } from './notices/flush-notices.ts';
import { considerSilences } from './notices/silence.ts';
import { savingChanged, stateDamaged, tellTrouble } from './notices/trouble.ts';
import { calendarDue, setCalendar, setHolding } from './services/calendar.ts';
import { command } from './services/command.ts';
import { reported } from './services/intent.ts';
import { operationFinished } from './services/operation-finished.ts';
import { setTrust } from './services/trust.ts';
import { settleAll } from './settle.ts';
import { reconcile } from './state/reconcile.ts';
import { dueTimers } from './timers.ts';
import { closeWork, openWork, record, type Work } from './work.ts';

/**
 * One decision: what is known, and one thing that happened, in; what is known then, what is worth recording and what is
 * to be done, out. Pure: the same arguments give the same step, now and in a replay next year.
 *
 * Time first: what became due before this moment is decided before the input is looked at, so that a late input meets
 * the same state as one after a punctual `tick`.
 */
export function step(
  config: Config,
  state: EngineState,
  input: Input,
  at: Instant,
  judge: Judge = judgeByConditions,
): Step {
  return (
    (input.type === 'observed' && quietStep(config, state, input, at, judge)) ||
    fullStep(config, state, input, at, judge)
  );
}

/** Nearly every step of a healthy host: a check passes, and nothing is due. It must cost next to nothing. */
function quietStep(
  config: Config,
  state: EngineState,
  input: Extract<Input, { type: 'observed' }>,
  at: Instant,
  judge: Judge,
): Step | undefined {
  const wakeAt = nextWake(config, state, at);
  if (wakeAt !== undefined && wakeAt <= at.now) return undefined;
  // Not judged twice, here and in the full step, where every millisecond counts.
  if (input.result.outcome === 'failed') return undefined;
  const cycle = cycleOf(config, state, input, at.now, judge);
  if (!cycle?.nothingNew) return undefined;
  const after = afterQuietCycle(state, cycle);
  return wakeAt === undefined
    ? { state: after, events: [], actions: [] }
    : { state: after, events: [], actions: [], wakeAt };
}

function fullStep(config: Config, state: EngineState, input: Input, at: Instant, judge: Judge): Step {
  const work = openWork(config, state, at, judge);
  considerSilences(work);
  // Under new rules, or in a new agent, nothing is decided before both fit together.
  if (input.type !== 'configured') {
    for (const name of dueTimers(work)) work.dirty.add(name);
    settleAll(work);
  }
  handle(work, input);
  settleAll(work);
  flushNotices(work);
  flushDigests(work);
  return closeWork(work);
}

function handle(work: Work, input: Input): void {
  switch (input.type) {
    case 'observed':
      observe(work, input);
      return;
    case 'reported':
      reported(work, input.service, input.report);
      return;
    case 'operation-finished':
      operationFinished(work, input);
      return;
    case 'evidence-captured':
      evidenceCaptured(work, input);
      return;
    case 'command':
      command(work, input.command, input.by);
      return;
    case 'holding':
      setHolding(work, input.service, input.reason);
      return;
    case 'maintenance':
      setCalendar(work, input.active, input.routes ?? []);
      return;
    case 'calendar':
      calendarDue(work, input.service);
      return;
    case 'trust':
      setTrust(work, input.trusted, input.reason);
      return;
    case 'delivery':
      deliveryChanged(work, input);
      return;
    case 'delivered':
      delivered(work, input);
      return;
    case 'configured':
      reconcile(work, input.reason);
      return;
    case 'reload-refused':
      record(work, { type: 'reload-refused', service: '', text: input.summary });
      tellTrouble(
        work,
        'reload',
        'RELOAD REFUSED: the old rules stay in use',
        `The changed rule files have problems: ${input.summary}`,
      );
      return;
    case 'saving':
      savingChanged(work, input.trouble);
      return;
    case 'state-damaged':
      stateDamaged(work, input.text);
      return;
    case 'tick':
      return;
  }
}
