import type { Place } from './place.ts';

/** Where a reader stands in a text: at a line that holds something. */
export interface LineCursor {
  readonly text: string;
  readonly file: string;
  /** Number of the line, from 1. */
  line: number;
  /** Offsets of the line's first character and of its end. */
  start: number;
  end: number;
  /** Offset of its first character that is no space. */
  from: number;
  /** Spaces before that; negative where there is no further line of this document. */
  indent: number;
}

/** Instead of an indentation: what comes instead of a further line. */
export const END_OF_TEXT = -1;
export const END_OF_DOCUMENT = -2;
/** A marker with something beside it. */
export const STRANGE_MARKER = -3;

/** A cursor before the first line of a text. */
export function lineCursor(text: string, file: string): LineCursor {
  return { text, file, line: 0, start: 0, end: -1, from: 0, indent: END_OF_DOCUMENT };
}

/** Goes on to the next line that is neither empty nor a comment. */
export function nextLine(cursor: LineCursor): void {
  const { text } = cursor;
  while (cursor.end < text.length) {
    const start = cursor.end + 1;
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    cursor.line += 1;
    cursor.start = start;
    cursor.end = end;
    let from = start;
    while (from < end && text.charCodeAt(from) === 32) from += 1;
    const first = text.charCodeAt(from);
    // Empty, or a comment.
    if (from === end || first === 35) continue;
    cursor.from = from;
    cursor.indent = from > start || !isMarker(text, start) ? from - start : markerOf(text, start, end);
    return;
  }
  cursor.indent = END_OF_TEXT;
}

/** The place of a piece of the cursor's line. */
export function placeAt({ file, line, start }: LineCursor, from: number, to: number): Place {
  return { file, line, column: from - start + 1, length: to > from ? to - from : 1 };
}

/** Offset of the next character that is no space, at most the end of the line. */
export function skipSpaces({ text, end }: LineCursor, from: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) === 32) at += 1;
  return at;
}

/** Whether nothing but a comment follows; `from` is right behind a value. */
export function endsLine(cursor: LineCursor, from: number): boolean {
  const at = skipSpaces(cursor, from);
  return at === cursor.end || (at > from && cursor.text.charCodeAt(at) === 35);
}

function isMarker(text: string, start: number): boolean {
  return text.startsWith('---', start) || text.startsWith('...', start);
}

function markerOf(text: string, start: number, end: number): number {
  return text.slice(start, end).trimEnd() === '---' ? END_OF_DOCUMENT : STRANGE_MARKER;
}
