import type { Condition, ConditionMemory, Expression } from '../model/condition.ts';
import type { Finding, Judgement, ProbeResult, ReadingFields, Verdict } from '../model/reading.ts';
import { earlyTruth, partialView } from './evaluate/early-truth.ts';
import { truthOf } from './evaluate/evaluate.ts';
import type { Recall } from './evaluate/memory.ts';
import { needsOf, recall } from './evaluate/memory.ts';
import { doubtOf, failingFinding, measuredBy, unknownFinding, warningFinding } from './explain/explain.ts';
import { formatReading } from './explain/format.ts';
import { printCondition } from './print.ts';
import { walk } from './walk.ts';

/** What a check says of its readings. */
export interface Expectations {
  /** What must hold. */
  readonly expect: readonly Condition[];
  /** What is worth a warning when it holds. */
  readonly warn: readonly Condition[];
  /** Readings to name when all is well; without them, those that the conditions look at. */
  readonly headline?: readonly string[];
  /** The declared readings, for the units of the headline. */
  readonly fields?: ReadingFields;
}

export interface Judged {
  readonly judgement: Judgement;
  /** To be handed back with the next result of the same check. */
  readonly memory: ConditionMemory;
}

/**
 * The verdict of one cycle. Pure. `at` is the time of the probe in milliseconds since the epoch.
 *
 * - A probe that could not tell is `unknown`, and the memory stays as it is.
 * - A probe that failed is `failing` with its reason, unless it brought values and every expectation can be decided from
 *   them and holds: `expect: not running` is content with a process that is not there.
 * - An expectation that does not hold is `failing`. One that cannot be decided makes the cycle `unknown` if nothing
 *   fails; a warning that cannot be decided does so only if nothing is worth a warning either.
 * - A window that is still filling neither alarms nor recovers: its condition counts as fine if it was fine before
 *   (or is new), and as not decided if it alarmed.
 */
export function judge(rules: Expectations, result: ProbeResult, memory: ConditionMemory, at: number): Judged {
  if (result.outcome === 'unknown') return { judgement: withoutReading('unknown', result.reason), memory };
  const reading = result.reading ?? {};
  const seen = result.outcome === 'read';
  const view = recall([...rules.expect, ...rules.warn], { reading, seen, at }, memory);
  const expected = rules.expect.map((condition) => decide('expect', condition, view));
  if (result.outcome === 'failed') {
    const content = expected.length > 0 && expected.every(({ truth }) => truth === true);
    if (!content) {
      const kept = remember(
        expected,
        rules.warn.map((condition) => decide('warn', condition, view)),
        view,
      );
      return { judgement: withoutReading('failing', result.reason), memory: kept };
    }
  }
  const warned = rules.warn.map((condition) => decide('warn', condition, view));
  return {
    judgement: conclude(rules, expected, warned, view, seen),
    memory: remember(expected, warned, view),
  };
}

/** Whether its verdict follows from the reading alone: no condition remembers anything or asks what time it is. */
export function isTimeless({ expect, warn }: Pick<Expectations, 'expect' | 'warn'>): boolean {
  const isPlain = (condition: Condition): boolean => {
    const { windows, watched } = needsOf(condition);
    if (condition.clear !== undefined || windows.length + watched.length > 0) return false;
    for (const { node } of walk(condition.expression)) if (node === 'age' || node === 'until') return false;
    return true;
  };
  return expect.every(isPlain) && warn.every(isPlain);
}

interface Decision {
  readonly condition: Condition;
  /** What was asked: the condition, or its clear value while it alarms. */
  readonly asked: Expression;
  readonly truth: boolean | undefined;
  readonly key: string;
  readonly wasTripped: boolean;
  readonly alarms: boolean;
  /** What its explanation looks at. */
  readonly view: Recall;
}

function decide(list: 'expect' | 'warn', condition: Condition, view: Recall): Decision {
  const past = condition.clear !== undefined || needsOf(condition).windows.length > 0;
  const key = past ? `${list} ${printCondition(condition)}` : '';
  const wasTripped = past && view.isTripped(key);
  const asked = wasTripped && condition.clear !== undefined ? condition.clear : condition.expression;
  const full = truthOf(asked, view.scene);
  const truth = full ?? (past ? earlyTruth(asked, view) : undefined);
  const alarms = truth === undefined ? wasTripped : truth === (list === 'warn');
  const explained = full === undefined && truth !== undefined ? partialView(view) : view;
  return { condition, asked, truth, key, wasTripped, alarms, view: explained };
}

function remember(expected: readonly Decision[], warned: readonly Decision[], view: Recall): ConditionMemory {
  const tripped = [...expected, ...warned].filter(({ key, alarms }) => key !== '' && alarms);
  return view.next(tripped.map(({ key }) => key));
}

function conclude(
  rules: Expectations,
  expected: readonly Decision[],
  warned: readonly Decision[],
  view: Recall,
  seen: boolean,
): Judgement {
  const failing: Finding[] = [];
  const warnings: Finding[] = [];
  const unknown: Finding[] = [];
  const unknownWarnings: Finding[] = [];
  const filling: string[] = [];
  for (const one of expected) {
    if (one.truth === false) failing.push(failingFinding(one.condition, one.asked, one.view));
    else if (one.truth === undefined) addDoubt(one, view, unknown, filling);
  }
  for (const one of warned) {
    if (one.truth === true) warnings.push(warningFinding(one.condition, one.asked, one.view));
    // Of a thing that is rightly not there, nothing but its absence can be measured.
    else if (one.truth === undefined && seen) addDoubt(one, view, unknownWarnings, filling);
  }
  const verdict = verdictOf(failing, unknown, warnings, unknownWarnings);
  if (verdict === 'ok') return { verdict, summary: summaryOf(rules, view, filling), findings: [] };
  const findings = [...failing, ...unknown, ...warnings, ...unknownWarnings];
  const first = { failing, unknown: unknown.length > 0 ? unknown : unknownWarnings, warning: warnings }[
    verdict
  ];
  return { verdict, summary: listed(first.map(({ sentence }) => sentence)), findings };
}

function verdictOf(
  failing: readonly Finding[],
  unknown: readonly Finding[],
  warnings: readonly Finding[],
  unknownWarnings: readonly Finding[],
): Verdict {
  if (failing.length > 0) return 'failing';
  if (unknown.length > 0) return 'unknown';
  if (warnings.length > 0) return 'warning';
  return unknownWarnings.length > 0 ? 'unknown' : 'ok';
}

function addDoubt(decision: Decision, view: Recall, findings: Finding[], filling: string[]): void {
  const doubt = doubtOf(decision.asked, view);
  if (doubt.filling && !decision.wasTripped) filling.push(doubt.reason);
  else findings.push(unknownFinding(decision.condition, doubt.reason));
}

function withoutReading(verdict: 'failing' | 'unknown', reason: string): Judgement {
  const finding: Finding = {
    condition: '',
    level: verdict,
    measured: reason,
    expected: '',
    sentence: reason,
  };
  return { verdict, summary: reason, findings: [finding] };
}

/** The main measurements of a cycle in which all is well: `status 200, latency 41 ms`. */
function summaryOf(
  { expect, warn, headline, fields }: Expectations,
  view: Recall,
  filling: readonly string[],
): string {
  const { reading } = view.scene;
  const named = (headline ?? []).filter((name) => reading[name] !== undefined && reading[name] !== null);
  const values =
    named.length > 0
      ? named.map((name) => `${name} ${formatReading(reading[name], fields?.[name])}`)
      : [...new Set([...expect, ...warn].flatMap((condition) => measuredBy(condition, view)))];
  const text = values.slice(0, 3).join(', ') || 'ok';
  return filling.length === 0 ? text : `${text} (${listed(filling)})`;
}

/** At most three of them: a notice is read on a telephone. */
function listed(sentences: readonly string[]): string {
  const more = sentences.length - 3;
  const shown = sentences.slice(0, 3).join('; ');
  return more > 0 ? `${shown}; and ${more} more` : shown;
}
