/** One line of a printed configuration: YAML, and a note that becomes its comment. */
export interface Line {
  readonly indent: number;
  readonly text: string;
  readonly note?: string | undefined;
}

/** Comments begin in this column where the text before them leaves room. */
const NOTE_COLUMN = 56;

/** The lines as text, two spaces for each step. */
export function printLines(lines: readonly Line[]): string {
  return lines
    .map(({ indent, text, note }) => {
      const line = '  '.repeat(indent) + text;
      return note === undefined ? `${line}\n` : `${line.padEnd(NOTE_COLUMN - 1)} # ${note}\n`;
    })
    .join('');
}
