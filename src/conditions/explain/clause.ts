import type { ComparisonOperator, Expression } from '../../model/condition.ts';
import { measureOf } from '../check/value-type.ts';
import { evaluate, truthOf } from '../evaluate/evaluate.ts';
import type { Recall } from '../evaluate/memory.ts';
import { printExpression } from '../print.ts';
import { isConstant } from '../walk.ts';
import { formatAgainst, formatMeasured, formatValue } from './format.ts';

/** Why one comparison is as it is: `latency`, `812 ms`, `< 500 ms`. */
export interface Clause {
  readonly subject: string;
  readonly measured: string;
  /** What would have been as wanted. */
  readonly expected: string;
  /** For warnings: `above 400 MB`, what it was that is worth one. */
  readonly when: string;
}

export interface Clauses {
  readonly clauses: readonly Clause[];
  /** Whether it would have been enough for one of them to be as expected. */
  readonly anyOf: boolean;
}

/** The parts of an expression that made it be other than `wanted`. */
export function clausesOf(expression: Expression, wanted: boolean, recall: Recall): Clauses {
  if (expression.node === 'not') return clausesOf(expression.operand, !wanted, recall);
  if (expression.node === 'and' || expression.node === 'or') {
    const guilty = expression.terms.filter((term) => truthOf(term, recall.scene) === !wanted);
    const [only] = guilty;
    if (guilty.length === 1 && only !== undefined) return clausesOf(only, wanted, recall);
    return {
      clauses: guilty.flatMap((term) => clausesOf(term, wanted, recall).clauses),
      anyOf: (expression.node === 'or') === wanted,
    };
  }
  return { clauses: [clauseOf(expression, wanted, recall)], anyOf: false };
}

const opposite: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

const turned: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

const words: Readonly<Record<ComparisonOperator, string>> = {
  '==': 'at',
  '!=': 'unless',
  '<': 'below',
  '<=': 'at or below',
  '>': 'above',
  '>=': 'at or above',
};

function clauseOf(expression: Expression, wanted: boolean, recall: Recall): Clause {
  const { scene } = recall;
  switch (expression.node) {
    case 'compare':
      return comparisonClause(expression, wanted, recall);
    case 'in': {
      const list = `[${expression.items.map(printExpression).join(', ')}]`;
      return about(expression.operand, recall, wanted ? `in ${list}` : `not in ${list}`, `in ${list}`);
    }
    case 'text-test': {
      const verb = { contains: 'contain', 'starts with': 'start with', 'ends with': 'end with' }[
        expression.operator
      ];
      const text = `${verb} ${printExpression(expression.right)}`;
      return about(
        expression.left,
        recall,
        wanted ? `to ${text}` : `not to ${text}`,
        `when it ${wordsFor(text)}`,
      );
    }
    case 'matches': {
      const pattern = `/${expression.pattern}/${expression.flags}`;
      const text = `match ${pattern}`;
      return about(
        expression.operand,
        recall,
        wanted ? `to ${text}` : `not to ${text}`,
        `when it matches ${pattern}`,
      );
    }
    case 'exists':
      return about(expression.operand, recall, wanted ? 'to exist' : 'not to exist', 'when it exists');
    case 'changed':
    case 'unchanged': {
      const change = (expression.node === 'changed') === wanted;
      const clause = about(
        expression.operand,
        recall,
        change ? 'to change' : 'not to change',
        `when ${expression.node}`,
      );
      const before = recall.lastText(expression.operand);
      return before === undefined || change
        ? clause
        : { ...clause, measured: `${clause.measured} (was ${before})` };
    }
    default: {
      const value = evaluate(expression, scene);
      const subject = printExpression(expression);
      return {
        subject,
        measured: formatValue(value, undefined),
        expected: String(wanted),
        when: `when it is ${!wanted}`,
      };
    }
  }
}

/** `contain "x"` is `contains "x"` of one thing. */
function wordsFor(text: string): string {
  return text.replace(/^\w+/, (verb) => `${verb}s`);
}

function about(operand: Expression, { scene }: Recall, expected: string, when: string): Clause {
  const measured = formatValue(evaluate(operand, scene), measureOf(operand));
  return { subject: printExpression(operand), measured, expected, when };
}

function comparisonClause(
  expression: Extract<Expression, { node: 'compare' }>,
  wanted: boolean,
  { scene }: Recall,
): Clause {
  const flip = isConstant(expression.left) && !isConstant(expression.right);
  const [subject, limit] = flip ? [expression.right, expression.left] : [expression.left, expression.right];
  const operator = flip ? turned[expression.operator] : expression.operator;
  const value = evaluate(subject, scene);
  const limitValue = evaluate(limit, scene);
  const exact =
    value !== undefined && limitValue !== undefined && typeof limitValue === 'number'
      ? formatAgainst(value, measureOf(subject), limitValue)
      : undefined;
  const amount = subject.node === 'share' ? evaluate(subject.operand, scene) : undefined;
  const measured =
    exact === undefined || subject.node === 'share' ? formatMeasured(subject, value, amount) : exact;
  // A limit that is measured too says what it came to.
  const limitText = isConstant(limit)
    ? printExpression(limit)
    : `${printExpression(limit)} (${formatMeasured(limit, limitValue, undefined)})`;
  return {
    subject: printExpression(subject),
    measured,
    expected: `${wanted ? operator : opposite[operator]} ${limitText}`,
    when: `${words[operator]} ${limitText}`,
  };
}
