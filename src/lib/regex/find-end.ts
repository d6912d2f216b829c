import { type Before, type Behind, beforeNext, holds } from './assertion.ts';
import { includes, lineEndSet, wordSet } from './character-set.ts';
import type { Instruction } from './program.ts';

/**
 * Where the first match ends, the same one that a backtracking engine finds: the leftmost, and of its ways the preferred
 * one. All ways are followed at once in the order of preference (Pike, 1987), so that the time grows with the length of
 * the text times that of the program and never faster. Undefined without a match, and when more than `budget` steps were needed.
 */
export function findEnd(program: readonly Instruction[], text: string, budget: number): number | undefined {
  const visited = new Int32Array(program.length).fill(-1);
  let ways: number[] = [];
  let before: Before = 'start';
  let end: number | undefined;
  let steps = 0;
  for (let at = 0; ; ) {
    const code = text.codePointAt(at);
    const behind = behindOf(code);
    const next: number[] = [];
    // A match may begin here as long as there is none that began earlier.
    const starts = end === undefined ? [...ways, 0] : ways;
    if (starts.some((way) => follow(way, at, code, behind, next))) end = at;
    if (steps > budget) return undefined;
    if (code === undefined || (end !== undefined && next.length === 0)) return end;
    ways = next;
    before = beforeNext(behind);
    at += code > 0xffff ? 2 : 1;
  }

  /** Follows everything that consumes nothing, the preferred way first. True at a match: ways behind it do not count. */
  function follow(
    from: number,
    at: number,
    code: number | undefined,
    behind: Behind,
    next: number[],
  ): boolean {
    const stack = [from];
    for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
      if (visited[place] === at) continue;
      visited[place] = at;
      steps++;
      const step = program[place];
      if (step === undefined || step.op === 'match') return true;
      if (step.op === 'set') {
        if (code !== undefined && includes(step.set, code)) next.push(place + 1);
      } else if (step.op === 'jump') stack.push(step.to);
      else if (step.op === 'split') {
        if (step.lazy === true) stack.push(step.first, step.second);
        else stack.push(step.second, step.first);
      } else if (holds(step.assertion, before, behind)) stack.push(place + 1);
    }
    return false;
  }
}

function behindOf(code: number | undefined): Behind {
  return {
    isEnd: code === undefined,
    isWord: code !== undefined && includes(wordSet, code),
    isLineEnd: code !== undefined && includes(lineEndSet, code),
  };
}
