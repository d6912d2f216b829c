import type { Expression } from '../../model/condition.ts';
import type { ReadingFields } from '../../model/reading.ts';
import type { Mistake, Span, Syntax } from '../syntax.ts';
import type { Typed } from './value-type.ts';

/** What the check of one condition carries around. */
export interface Checking {
  readonly text: string;
  readonly fields: ReadingFields;
  /** Where each checked expression was written, for mistakes that show only later. */
  readonly spans: Map<Expression, Span>;
  /** Set inside a windowed function: windows of windows have no clear meaning. */
  readonly inWindow: boolean;
  report(mistake: Mistake): void;
  /** Any expression; undefined once a mistake was reported. */
  check(syntax: Syntax, checking: Checking): Typed | undefined;
}

/** Reports a mistake at a place; returns undefined, as every check does that found one. */
export function mistake(
  checking: Checking,
  span: Span,
  code: string,
  message: string,
  hint?: string,
): undefined {
  const { start, end } = span;
  checking.report({ start, end, code, message, ...(hint !== undefined && { hint }) });
  return undefined;
}

/** The written text of a span. */
export function textOf(checking: Checking, span: Span): string {
  return checking.text.slice(span.start, span.end);
}
