import type { CharacterSet } from './character-set.ts';
import type { Assertion, PatternNode } from './pattern.ts';
import { PatternError } from './pattern.ts';

/** One step of the automaton. `split` goes both ways at once; the first is preferred, unless it is lazy. */
export type Instruction =
  | { readonly op: 'set'; readonly set: CharacterSet }
  | { readonly op: 'split'; first: number; second: number; readonly lazy?: true }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'match' };

/** Most instructions of one pattern; repetitions with bounds are written out, so that they count as often as they repeat. */
export const longestProgram = 1000;

/** The pattern as a program for a machine that follows all ways at once (Thompson, 1968); throws PatternError. */
export function writeProgram(pattern: PatternNode, patternLength: number): readonly Instruction[] {
  const program: Instruction[] = [];
  write(pattern, program, patternLength);
  program.push({ op: 'match' });
  return program;
}

function write(node: PatternNode, program: Instruction[], length: number): void {
  if (program.length > longestProgram) {
    const hint = 'make its bounds {m,n} smaller, or use * or +';
    throw new PatternError('this pattern is too large', 0, Math.max(1, length), hint);
  }
  switch (node.node) {
    case 'set':
      program.push({ op: 'set', set: node.set });
      return;
    case 'assert':
      program.push({ op: 'assert', assertion: node.assertion });
      return;
    case 'sequence':
      for (const part of node.parts) write(part, program, length);
      return;
    case 'choice':
      writeChoice(node.options, program, length);
      return;
    case 'repeat':
      writeRepeat(node, program, length);
  }
}

function writeChoice(options: readonly PatternNode[], program: Instruction[], length: number): void {
  const jumps: { op: 'jump'; to: number }[] = [];
  options.forEach((option, index) => {
    const last = index === options.length - 1;
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    if (!last) program.push(split);
    write(option, program, length);
    if (last) return;
    const jump = { op: 'jump' as const, to: 0 };
    jumps.push(jump);
    program.push(jump);
    split.second = program.length;
  });
  for (const jump of jumps) jump.to = program.length;
}

function writeRepeat(
  { of, min, max, lazy }: Extract<PatternNode, { node: 'repeat' }>,
  program: Instruction[],
  length: number,
): void {
  for (let i = 0; i < min; i++) {
    const before = program.length;
    write(of, program, length);
    // What writes nothing can be repeated as often as one likes.
    if (program.length === before) break;
  }
  if (max === Number.POSITIVE_INFINITY) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0, ...(lazy && { lazy }) };
    program.push(split);
    write(of, program, length);
    program.push({ op: 'jump', to: program.indexOf(split) });
    split.second = program.length;
    return;
  }
  const splits: { op: 'split'; first: number; second: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0, ...(lazy && { lazy }) };
    splits.push(split);
    program.push(split);
    const before = program.length;
    write(of, program, length);
    if (program.length === before) break;
  }
  for (const split of splits) split.second = program.length;
}
