import { makeAlphabet } from './alphabet.ts';
import { type Before, type Behind, beforeNext, holds } from './assertion.ts';
import { lineEndSet, wordSet } from './character-set.ts';
import type { Instruction } from './program.ts';

/** A set of program positions; its successors are found when they are first needed and then kept. */
interface State {
  readonly positions: Int32Array;
  readonly before: Before;
  readonly next: (State | undefined)[];
}

/** More states than this are forgotten and found again: bounds the memory of one pattern. */
const mostStates = 300;

/**
 * A test whether the program matches anywhere in a text. Its time grows with the length of the text times that of the
 * program and never faster, whatever the pattern: all ways are followed at once, none is tried twice. Undefined when
 * more than `budget` steps were needed.
 */
export function makeAutomaton(
  program: readonly Instruction[],
): (text: string, budget: number) => boolean | undefined {
  const alphabet = makeAlphabet(program.flatMap((step) => (step.op === 'set' ? [step.set] : [])));
  const members = program.map((step) => (step.op === 'set' ? alphabet.members(step.set) : undefined));
  const isWord = alphabet.members(wordSet);
  const isLineEnd = alphabet.members(lineEndSet);
  const end = alphabet.size;
  const matched: State = { positions: new Int32Array(0), before: 'other', next: [] };
  const beginning: State = { positions: new Int32Array(0), before: 'start', next: [] };
  const visited = new Int32Array(program.length);
  const stack = new Int32Array(program.length * 2 + 2);
  let round = 0;
  let states = new Map<string, State>();
  let first = beginning;
  let steps = 0;

  return (text, budget) => {
    steps = 0;
    let state = first;
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i);
      if (code >= 0xd800 && code < 0xdc00) {
        code = text.codePointAt(i) ?? code;
        if (code > 0xffff) i++;
      }
      const letter = alphabet.letterOf(code);
      const next = state.next[letter] ?? follow(state, letter);
      if (next === matched) return true;
      if (steps > budget) return undefined;
      state = next;
    }
    return (state.next[end] ?? follow(state, end)) === matched;
  };

  /** Finds and keeps the successor of a state for a letter. */
  function follow(state: State, letter: number): State {
    const found = successor(state, letter);
    state.next[letter] = found;
    return found;
  }

  function successor(state: State, letter: number): State {
    round++;
    const positions: number[] = [];
    // A match may begin at every character, so the start of the program is always one of the positions.
    for (let i = -1; i < state.positions.length; i++) {
      if (spread(i < 0 ? 0 : (state.positions[i] ?? 0), state.before, letter, positions)) return matched;
    }
    // Making a state of them costs more than finding them.
    steps += positions.length * 4 + 1;
    return intern(positions, beforeNext(behind(letter)));
  }

  /** Follows everything that consumes nothing; collects where the letter leads. True when the program is at its end. */
  function spread(from: number, before: Before, letter: number, positions: number[]): boolean {
    let height = 0;
    stack[height++] = from;
    while (height > 0) {
      const at = stack[--height] ?? 0;
      if (visited[at] === round) continue;
      visited[at] = round;
      steps++;
      const step = program[at];
      if (step === undefined || step.op === 'match') return true;
      if (step.op === 'set') {
        if (letter !== end && members[at]?.[letter] === 1) positions.push(at + 1);
      } else if (step.op === 'jump') {
        stack[height++] = step.to;
      } else if (step.op === 'split') {
        stack[height++] = step.second;
        stack[height++] = step.first;
      } else if (holds(step.assertion, before, behind(letter))) {
        stack[height++] = at + 1;
      }
    }
    return false;
  }

  function behind(letter: number): Behind {
    const isEnd = letter === end;
    return { isEnd, isWord: !isEnd && isWord[letter] === 1, isLineEnd: !isEnd && isLineEnd[letter] === 1 };
  }

  function intern(positions: number[], before: Before): State {
    const sorted = Int32Array.from(positions).sort();
    const key = `${before} ${sorted.join(' ')}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= mostStates) {
      states = new Map();
      first = { ...beginning, next: [] };
    }
    const state: State = { positions: sorted, before, next: [] };
    states.set(key, state);
    return state;
  }
}
