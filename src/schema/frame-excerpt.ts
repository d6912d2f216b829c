import type { Place } from './place.ts';

/** Texts of the files that problems point into, by name. */
export type Sources = ReadonlyMap<string, string>;

export interface FrameOptions {
  readonly colour: boolean;
  /** Columns of the terminal: longer lines are cut around the caret. */
  readonly width: number;
  /** Never printed, also not in excerpts. */
  readonly secrets?: readonly { readonly text: string }[];
}

/** The line with a caret below it, or nothing when the file's text is not at hand. Secrets are masked, in place. */
export function excerpt(
  place: Place,
  sources: Sources,
  options: FrameOptions,
  paint: (text: string) => string,
): readonly string[] {
  const line = lineOf(sources.get(place.file), place.line);
  if (line === undefined) return [];
  const gutter = String(place.line).padStart(4);
  const start = Math.min(place.column - 1, line.length);
  const length = Math.max(1, Math.min(place.length, line.length - start));
  const shown = cut(maskLine(line, options), start, length, Math.max(30, options.width - gutter.length - 3));
  const caret = `${' '.repeat(shown.start)}${paint('^'.repeat(shown.length))}`;
  return [`${gutter} | ${shown.text}`, `${' '.repeat(gutter.length)} | ${caret}`];
}

/** Finding line N by splitting the file for every problem is slow for large files with many problems. */
function lineOf(text: string | undefined, line: number): string | undefined {
  if (text === undefined) return undefined;
  let from = 0;
  for (let count = 1; count < line; count += 1) {
    const next = text.indexOf('\n', from);
    if (next === -1) return undefined;
    from = next + 1;
  }
  const end = text.indexOf('\n', from);
  return text.slice(from, end === -1 ? text.length : end).replace(/\r$/, '');
}

const secretKey =
  /((?:password|passwd|passphrase|secret|token|routing_key|api_?key|authorization)["']?\s*:\s*)(["']?)(.+?)\2(?=\s*(?:[,}#]|$))/gi;

/** Same length as before, so that the caret stays right. Also what looks like a secret when its text is not known. */
function maskLine(line: string, options: FrameOptions): string {
  let masked = line.replaceAll('\t', ' ').replace(/\p{Cc}/gu, '?');
  masked = masked.replace(secretKey, (whole, key: string, quote: string, value: string) =>
    /^[|>&*{[]|\$\{/.test(value) ? whole : `${key}${quote}${'*'.repeat(value.length)}${quote}`,
  );
  masked = masked.replace(
    /(:\/\/[^/@\s:]*:)([^@\s]+)(?=@)/g,
    (_, head: string, password: string) => head + '*'.repeat(password.length),
  );
  for (const { text } of options.secrets ?? []) {
    if (text !== '') masked = masked.replaceAll(text, '*'.repeat(text.length));
  }
  return masked;
}

function cut(
  text: string,
  start: number,
  length: number,
  width: number,
): { readonly text: string; readonly start: number; readonly length: number } {
  if (text.length <= width) return { text, start, length };
  const from = Math.max(0, Math.min(start - Math.floor(width / 3), text.length - width));
  const head = from > 0 ? '...' : '';
  const tail = from + width < text.length ? '...' : '';
  const shown = head + text.slice(from + head.length, from + width - tail.length) + tail;
  const caret = Math.max(head.length, start - from);
  return { text: shown, start: caret, length: Math.max(1, Math.min(length, shown.length - caret)) };
}
