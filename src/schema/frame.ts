import { excerpt, type FrameOptions, type Sources } from './frame-excerpt.ts';
import type { Place } from './place.ts';
import type { Problem } from './problem.ts';

export type { FrameOptions, Sources };

/** In the order people read files: by file, line and column; what has no place comes first. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => comparePlaces(a.place, b.place) || compareText(a.message, b.message));
}

/** All problems as frames for people, sorted, with a last line that counts them. Empty when there are none. */
export function renderProblems(
  problems: readonly Problem[],
  sources: Sources,
  options: Partial<FrameOptions> = {},
): string {
  if (problems.length === 0) return '';
  const settled: FrameOptions = { colour: false, width: 100, strange: strangeKeys(problems), ...options };
  const frames = sortProblems(problems).map((problem) => renderProblem(problem, sources, settled));
  return `${frames.join('\n\n')}\n\n${countProblems(problems)}\n`;
}

/** Where the keys stand that nobody knows. */
function strangeKeys(problems: readonly Problem[]): ReadonlyMap<string, readonly number[]> {
  const strange = new Map<string, readonly number[]>();
  for (const { code, place } of problems) {
    if (code !== 'unknown-key' || place === undefined) continue;
    const key = `${place.file}:${place.line}`;
    strange.set(key, [...(strange.get(key) ?? []), place.column - 1]);
  }
  return strange;
}

/** `2 errors, 1 warning` */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.level === 'error').length;
  const warnings = problems.length - errors;
  const parts = [
    ...(errors === 0 ? [] : [errors === 1 ? '1 error' : `${errors} errors`]),
    ...(warnings === 0 ? [] : [warnings === 1 ? '1 warning' : `${warnings} warnings`]),
  ];
  return parts.join(', ');
}

/** `rules/api.yaml:3:9` */
export function placeText(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

function renderProblem(problem: Problem, sources: Sources, options: FrameOptions): string {
  const paint = painter(options.colour);
  const level = problem.level === 'error' ? paint('31;1', 'error') : paint('33;1', 'warning');
  const where = problem.place === undefined ? '' : `${paint('1', placeText(problem.place))} `;
  const lines = [`${where}${level}: ${mask(problem.message, options)} ${paint('2', `[${problem.code}]`)}`];
  if (problem.place !== undefined) {
    const caret = problem.level === 'error' ? '31;1' : '33;1';
    lines.push(...excerpt(problem.place, sources, options, (text) => paint(caret, text)));
  }
  for (const { place, message } of problem.related ?? []) {
    lines.push(`  ${paint('1', placeText(place))} ${mask(message, options)}`);
    lines.push(...excerpt(place, sources, options, (text) => paint('36', text)));
  }
  if (problem.hint !== undefined) lines.push(`  ${paint('36', 'fix:')} ${mask(problem.hint, options)}`);
  return lines.join('\n');
}

function mask(text: string, options: FrameOptions): string {
  let masked = text;
  for (const secret of options.secrets ?? []) {
    if (secret.text !== '') masked = masked.replaceAll(secret.text, '***');
  }
  return masked;
}

function painter(colour: boolean): (code: string, text: string) => string {
  return (code, text) => (colour ? `\u001B[${code}m${text}\u001B[0m` : text);
}

function comparePlaces(a: Place | undefined, b: Place | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
