// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * A text from the outside world on one line: control characters become a blank. What a watched service printed
 * must never move the cursor, change colours or fake a row of the table.
 */
export function oneLine(text: string): string {
  return text.replace(control, ' ').trim();
}

/** The same for a text of several lines: line ends and tabs stay. */
export function manyLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.replaceAll('\t', '    ').replace(control, ' ').trimEnd())
    .join('\n');
}
