import { formatDuration } from '../../lib/duration.ts';
import type { Condition, Expression } from '../../model/condition.ts';
import type { Finding } from '../../model/reading.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { Recall } from '../evaluate/memory.ts';
import { printExpression } from '../print.ts';
import { atomsOf, isConstant, partsOf } from '../walk.ts';
import type { Clause, Clauses } from './clause.ts';
import { clausesOf } from './clause.ts';
import { formatMeasured } from './format.ts';

/** What to say of an expectation that does not hold: `latency 812 ms, expected < 500 ms`. */
export function failingFinding(condition: Condition, asked: Expression, recall: Recall): Finding {
  const found = clausesOf(asked, true, recall);
  const { measured, expected } = joined(found);
  const clearing = asked === condition.expression ? '' : ' to clear';
  const [only] = found.clauses;
  const what =
    only !== undefined && found.clauses.length === 1 ? `${only.subject} ${only.measured}` : measured;
  return {
    condition: condition.text,
    level: 'failing',
    measured,
    expected,
    sentence: `${what}, expected ${expected}${clearing}`,
  };
}

/** What to say of a condition that is worth a warning: `memory_tree 412 MB, warning above 400 MB`. */
export function warningFinding(condition: Condition, asked: Expression, recall: Recall): Finding {
  const found = clausesOf(asked, false, recall);
  const { measured, expected } = joined(found);
  const [only] = found.clauses;
  const single = only !== undefined && found.clauses.length === 1 ? only : undefined;
  const cleared = asked !== condition.expression;
  const when = cleared ? `until ${expected}` : (single?.when ?? `when ${printExpression(asked)}`);
  const what = single === undefined ? measured : `${single.subject} ${single.measured}`;
  return {
    condition: condition.text,
    level: 'warning',
    measured,
    expected,
    sentence: `${what}, warning ${when}`,
  };
}

/** What to say of a condition that could not be decided. */
export function unknownFinding(condition: Condition, reason: string): Finding {
  return {
    condition: condition.text,
    level: 'unknown',
    measured: 'unknown',
    expected: condition.text,
    sentence: reason,
  };
}

function joined({ clauses, anyOf }: Clauses): { readonly measured: string; readonly expected: string } {
  const [only] = clauses;
  if (clauses.length === 1 && only !== undefined) return { measured: only.measured, expected: only.expected };
  const unique = new Map(clauses.map((clause) => [clause.subject, clause] as const));
  const measured = [...unique.values()]
    .map((clause: Clause) => `${clause.subject} ${clause.measured}`)
    .join(', ');
  const expected = clauses
    .map((clause) => `${clause.subject} ${clause.expected}`)
    .join(anyOf ? ' or ' : ' and ');
  return { measured, expected };
}

export interface Doubt {
  readonly reason: string;
  /** Only because windows are not filled yet; nothing is wrong. */
  readonly filling: boolean;
}

/** Why an expression could not be decided. */
export function doubtOf(expression: Expression, recall: Recall): Doubt {
  const reasons: string[] = [];
  const filling = collectDoubts(expression, recall, reasons);
  const unique = [...new Set(reasons)];
  return { reason: unique.join('; ') || `'${printExpression(expression)}' could not be decided`, filling };
}

/** True when all that is missing are samples of windows. */
function collectDoubts(expression: Expression, recall: Recall, reasons: string[]): boolean {
  const { scene } = recall;
  if (expression.node === 'reading') {
    reasons.push(`'${printExpression(expression)}' could not be measured`);
    return false;
  }
  const missing = partsOf(expression).filter((part) => evaluate(part, scene) === undefined);
  if (expression.node === 'window') {
    if (missing.length > 0 && evaluate(expression.operand, scene) === undefined) {
      return collectDoubts(expression.operand, recall, reasons);
    }
    const name = printExpression(expression);
    if (expression.reaches !== undefined && typeof scene.reading[expression.reaches] !== 'number') {
      reasons.push(`'${expression.reaches}' could not be measured`);
      return false;
    }
    const whole = formatDuration(expression.window);
    reasons.push(`${name} has seen ${formatDuration(recall.filled(expression))} of its ${whole}`);
    return true;
  }
  if (missing.length === 0) {
    reasons.push(ownDoubt(expression, recall));
    return false;
  }
  return missing.map((part) => collectDoubts(part, recall, reasons)).every((filling) => filling);
}

function ownDoubt(expression: Expression, { scene }: Recall): string {
  const text = printExpression(expression);
  if (expression.node === 'share') {
    const wrong = scene.reading[expression.total] === 0 ? 'is 0' : 'could not be measured';
    return `'${expression.total}', the total of ${text}, ${wrong}`;
  }
  if (expression.node === 'arithmetic') return `${text} divides by zero`;
  if (expression.node === 'matches') return `/${expression.pattern}/ takes too long on this text`;
  if (expression.node === 'exists') return `'${printExpression(expression.operand)}' could not be looked for`;
  return scene.seen ? `'${text}' could not be decided` : `'${text}' could not be measured`;
}

const subjects = new WeakMap<Condition, readonly Expression[]>();

/** The measured sides of a condition's comparisons, for the summary of a cycle in which all is well. */
export function measuredBy(condition: Condition, recall: Recall): readonly string[] {
  let found = subjects.get(condition);
  if (found === undefined) {
    found = atomsOf(condition.expression).flatMap(subjectOf);
    subjects.set(condition, found);
  }
  return found.flatMap((subject) => {
    const value = evaluate(subject, recall.scene);
    if (value === undefined) return [];
    const amount = subject.node === 'share' ? evaluate(subject.operand, recall.scene) : undefined;
    return [`${printExpression(subject)} ${formatMeasured(subject, value, amount)}`];
  });
}

function subjectOf(expression: Expression): readonly Expression[] {
  if (expression.node === 'in' || expression.node === 'changed' || expression.node === 'unchanged') {
    return [expression.operand];
  }
  if (expression.node === 'reading') return [expression];
  if (expression.node !== 'compare') return [];
  return [isConstant(expression.left) ? expression.right : expression.left];
}
