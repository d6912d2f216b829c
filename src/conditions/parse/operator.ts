import type { ComparisonOperator } from '../../model/condition.ts';
import type { Cursor } from './cursor.ts';
import { advance, isWord, peek, written } from './cursor.ts';
import { otherOperators } from './words.ts';

const comparisons = ['==', '!=', '<', '<=', '>', '>='];

/**
 * Takes the operator of this sort when it is next. What other languages write for it (`=`, `&&`, `greater`) is a
 * mistake with the fix as its hint, and is then taken as what it means, so that the rest is checked too.
 */
export function readOperator(cursor: Cursor, sort: 'and' | 'or' | 'not'): boolean;
export function readOperator(cursor: Cursor, sort: 'comparison'): ComparisonOperator | 'matches' | undefined;
export function readOperator(
  cursor: Cursor,
  sort: 'and' | 'or' | 'not' | 'comparison',
): boolean | ComparisonOperator | 'matches' | undefined {
  const token = peek(cursor);
  if (sort === 'comparison') {
    if (token.type === 'sign' && comparisons.includes(token.sign)) {
      advance(cursor);
      return token.sign as ComparisonOperator;
    }
    const meant = otherOperator(cursor);
    if (meant === undefined || (meant !== 'matches' && !comparisons.includes(meant))) return undefined;
    takeOther(cursor, meant);
    return meant as ComparisonOperator | 'matches';
  }
  if (isWord(token, sort)) {
    advance(cursor);
    return true;
  }
  if (otherOperator(cursor) !== sort) return false;
  takeOther(cursor, sort);
  return true;
}

/** What a foreign operator that is next means here. */
function otherOperator(cursor: Cursor): string | undefined {
  const token = peek(cursor);
  const spelling = token.type === 'sign' ? token.sign : token.type === 'word' ? token.word : '';
  return Object.hasOwn(otherOperators, spelling) ? otherOperators[spelling] : undefined;
}

function takeOther(cursor: Cursor, meant: string): void {
  const { start, end } = advance(cursor);
  const spelling = written(cursor, { start, end });
  const equals = spelling === '=' ? "'=' does not compare" : `'${spelling}' is no operator here`;
  cursor.report({
    start,
    end,
    code: 'wrong-operator',
    message: equals,
    hint: `write '${meant}'${meant === 'matches' ? ' and the pattern between slashes' : ''}`,
  });
  // `greater than`, `equal to`, `is not`: the rest of the phrase belongs to it.
  const next = peek(cursor);
  if (next.type === 'word' && (next.word === 'than' || next.word === 'to')) advance(cursor);
}
