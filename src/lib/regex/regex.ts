import { makeAutomaton } from './automaton.ts';
import { findEnd } from './find-end.ts';
import { parsePattern } from './parse-pattern.ts';
import type { PatternFault } from './pattern.ts';
import { PatternError } from './pattern.ts';
import { writeProgram } from './program.ts';

/** A pattern that can be tried on texts without ever taking long. */
export interface Regex {
  /**
   * Whether the pattern is found in the text (its first quarter of a million characters). Undefined when that would take too long:
   * about a tenth of a second, which only very large patterns on very long texts can need.
   */
  test(text: string): boolean | undefined;
  /**
   * Where the first match ends (an offset in the text), the same as JavaScript's own engine would say. Undefined where the
   * pattern is not found, or that would take too long.
   */
  end(text: string): number | undefined;
  /** The pattern as it was written. */
  readonly source: string;
}

/** Most characters of a text that are looked at. */
export const longestText = 250_000;

/** Steps of one test; so many are done in a tenth of a second, also on a slow machine. */
const budget = 3_000_000;

/**
 * Compiles a pattern with its flags (`i`, `m`, `s`). It understands what JavaScript understands except looking ahead
 * and behind and back references, which cannot be matched in linear time, and `\p`; it also knows the POSIX names
 * inside classes. The fault comes with its place in the pattern.
 */
export function compileRegex(pattern: string, flags = ''): Regex | PatternFault {
  const wrong = [...flags].findIndex((flag, index) => !'ims'.includes(flag) || flags.indexOf(flag) !== index);
  if (wrong >= 0) {
    const flag = flags[wrong] ?? '';
    const message = 'ims'.includes(flag) ? `the flag '${flag}' is given twice` : `there is no flag '${flag}'`;
    return {
      message,
      hint: 'flags are i (any case), m (^ and $ at lines), s (dot matches line ends)',
      at: pattern.length + 1 + wrong,
      length: 1,
    };
  }
  try {
    const tree = parsePattern(pattern, {
      ignoreCase: flags.includes('i'),
      multiline: flags.includes('m'),
      dotAll: flags.includes('s'),
    });
    const program = writeProgram(tree, pattern.length);
    const run = makeAutomaton(program);
    const test = (text: string) => run(cut(text), budget);
    // Most texts hold no match yet, which the automaton sees much sooner.
    const end = (text: string) => (test(text) === true ? findEnd(program, cut(text), budget) : undefined);
    return { test, end, source: pattern };
  } catch (error) {
    if (error instanceof PatternError) return error.fault;
    throw error;
  }
}

/** A pattern that was tried when it was read, as those of rules are; a broken one is a bug. */
export function regexOf(pattern: string, flags = ''): Regex {
  const compiled = compileRegex(pattern, flags);
  if ('test' in compiled) return compiled;
  throw new Error(`a pattern of the rules that was never tried: '${pattern}': ${compiled.message}`);
}

function cut(text: string): string {
  return text.length > longestText ? text.slice(0, longestText) : text;
}
