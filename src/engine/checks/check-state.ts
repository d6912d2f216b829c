import type { Verdict } from '../../model/reading.ts';
import type { Check } from '../../model/service.ts';
import type { CheckState, CheckStateName, Level, Sample } from '../../model/state.ts';
import { flapAfter, isSteady, noFlapping } from './flapping.ts';
import { isMet, reaches, samplesNeeded } from './tolerance.ts';

/** As many readings as `status` shows, at least. */
const SHOWN = 10;

/** A check that nothing is known of yet; `now` is when it became `pending`. */
export function newCheckState(name: string, now: number): CheckState {
  return {
    name,
    state: 'pending',
    since: now,
    level: 'ok',
    samples: [],
    countFrom: Number.MIN_SAFE_INTEGER,
    turned: { warning: now, failing: now },
    failingSince: undefined,
    heldAt: undefined,
    unknownSince: undefined,
    incident: undefined,
    memory: {},
    judgement: undefined,
    outcome: undefined,
    reading: undefined,
    lastRun: undefined,
    tookMs: undefined,
    pace: undefined,
    flap: noFlapping,
  } satisfies Required<CheckState>;
}

/** What one probe adds to a check, whether it counts or not. */
export type Seen = Pick<
  CheckState,
  'memory' | 'judgement' | 'outcome' | 'reading' | 'lastRun' | 'tookMs' | 'unknownSince'
>;

/** Written out field by field, because this runs for every reading: copying by `...` is several times slower. */
export function withSeen(state: CheckState, seen: Seen, samples: CheckState['samples']): CheckState {
  return {
    name: state.name,
    state: state.state,
    since: state.since,
    level: state.level,
    samples,
    countFrom: state.countFrom,
    turned: state.turned,
    failingSince: state.failingSince,
    heldAt: state.heldAt,
    unknownSince: seen.unknownSince,
    incident: state.incident,
    memory: seen.memory,
    judgement: seen.judgement,
    outcome: seen.outcome,
    reading: seen.reading,
    lastRun: seen.lastRun,
    tookMs: seen.tookMs,
    pace: state.pace,
    flap: state.flap,
  };
}

/** After one more reading that counts. */
export function count(check: Check, state: CheckState, seen: Seen, sample: Sample): CheckState {
  const last = state.samples.at(-1)?.verdict;
  const counted = withSeen(state, seen, addSample(check, state.samples, sample));
  // One more passing reading after a passing one changes no count: the most frequent case by far.
  const calm =
    sample.verdict === 'ok' && last === 'ok' && state.level === 'ok' && state.failingSince === undefined;
  if (!calm || (check.flapping && !isSteady(state.flap, 'ok'))) return decide(check, state, counted, sample);
  return counted;
}

function addSample(check: Check, samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const most = samplesKept(check);
  if (samples.length < most) return [...samples, sample];
  // Of the same length: V8 gives an array that something is pushed to room for sixteen more, and this one is kept.
  const kept = samples.slice(-most);
  kept.copyWithin(0, 1);
  kept[most - 1] = sample;
  return kept;
}

/** How many samples are kept of a check, once there are so many. */
export function samplesKept({ failAfter, recoverAfter }: Pick<Check, 'failAfter' | 'recoverAfter'>): number {
  return Math.max(SHOWN, samplesNeeded(failAfter), samplesNeeded(recoverAfter));
}

function decide(check: Check, state: CheckState, seen: CheckState, sample: Sample): CheckState {
  const counted: CheckState = { ...seen, turned: turn(state, sample) };
  const level = nextLevel(check, counted);
  const flap = check.flapping ? flapAfter(state.flap, sample.verdict, check.flapping) : state.flap;
  return {
    ...counted,
    level,
    // A change of level starts the next count from nothing: old samples have had their effect.
    countFrom: level === state.level ? state.countFrom : sample.at,
    failingSince: failingSince(check, counted, level, sample),
    flap,
  };
}

function turn(state: CheckState, sample: Sample): CheckState['turned'] {
  const last = state.samples.at(-1)?.verdict;
  const flipped = (level: 'warning' | 'failing') =>
    last === undefined || reaches(last, level) !== reaches(sample.verdict, level);
  const { warning, failing } = state.turned;
  const turnedWarning = flipped('warning') ? sample.at : warning;
  const turnedFailing = flipped('failing') ? sample.at : failing;
  if (turnedWarning === warning && turnedFailing === failing) return state.turned;
  return { warning: turnedWarning, failing: turnedFailing };
}

function nextLevel(check: Check, state: CheckState): Level {
  const { level } = state;
  if (level !== 'failing' && hasReached(check, state, 'failing', state.countFrom)) return 'failing';
  if (level === 'ok' && hasReached(check, state, 'warning', state.countFrom)) return 'warning';
  if (level === 'failing' && !hasLeft(check, state, 'failing')) return level;
  if (level !== 'ok' && hasLeft(check, state, 'warning')) return 'ok';
  return level === 'failing' ? 'warning' : level;
}

/** Whether bad samples after `from` meet `fail_after`. */
export function hasReached(
  check: Check,
  state: CheckState,
  level: 'warning' | 'failing',
  from: number,
): boolean {
  return isMet(check.failAfter, {
    samples: state.samples,
    from,
    runSince: state.turned[level],
    matches: (verdict) => reaches(verdict, level),
  });
}

function hasLeft(check: Check, state: CheckState, level: 'warning' | 'failing'): boolean {
  return isMet(check.recoverAfter, {
    samples: state.samples,
    from: state.countFrom,
    runSince: state.turned[level],
    matches: (verdict) => !reaches(verdict, level),
  });
}

/** The first bad reading of the run, or of the window where some good ones may lie between. */
function failingSince(check: Check, state: CheckState, level: Level, sample: Sample): number | undefined {
  if (state.level !== 'ok') return level === 'ok' ? undefined : state.failingSince;
  if (!reaches(sample.verdict, 'warning')) return undefined;
  const { failAfter } = check;
  // A run that a time of distrust lies in began before `turned` says.
  if ('duration' in failAfter || failAfter.count === failAfter.of)
    return state.failingSince ?? state.turned.warning;
  const counted = state.samples.slice(-failAfter.of).filter((one) => one.at > state.countFrom);
  return counted.find((one) => reaches(one.verdict, 'warning'))?.at ?? sample.at;
}

/** What to call it. `verdict` is the newest one, whether it counted or not. */
export function checkStateName(state: CheckState, verdict: Verdict | undefined): CheckStateName {
  if (state.level === 'failing') return 'down';
  if (verdict === 'unknown') return 'unknown';
  if (verdict === 'failing') return 'failing';
  if (state.level === 'warning' || verdict === 'warning') return 'warning';
  return verdict === undefined ? 'pending' : 'up';
}

/** The newest readings for people, bad ones starred: `41 ms`, `*812 ms`. */
export function readableHistory(state: CheckState): readonly string[] {
  return state.samples.map(({ verdict, text }) => (verdict === 'ok' ? text : `*${text}`));
}
