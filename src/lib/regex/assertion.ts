import type { Assertion } from './pattern.ts';

/** What stands before a place in a text: its start, a word character, a line end, or anything else. */
export type Before = 'start' | 'word' | 'line-end' | 'other';

/** What stands behind it. */
export interface Behind {
  readonly isEnd: boolean;
  readonly isWord: boolean;
  readonly isLineEnd: boolean;
}

/** Whether an assertion holds at a place in a text. */
export function holds(assertion: Assertion, before: Before, behind: Behind): boolean {
  switch (assertion) {
    case 'text-start':
      return before === 'start';
    case 'text-end':
      return behind.isEnd;
    case 'line-start':
      return before === 'start' || before === 'line-end';
    case 'line-end':
      return behind.isEnd || behind.isLineEnd;
    case 'boundary':
    case 'no-boundary': {
      const between = (before === 'word') !== behind.isWord;
      return between === (assertion === 'boundary');
    }
  }
}

/** What a character is to the place behind it. */
export function beforeNext({ isWord, isLineEnd }: Behind): Before {
  if (isWord) return 'word';
  return isLineEnd ? 'line-end' : 'other';
}
