import type { Files } from '../host/files.ts';

/**
 * The last lines of a service's log files, oldest first; where there are several, each below its name. A file that
 * cannot be read is named with the reason. `none` says why there is no log file,
 * where there is none.
 */
export async function logTails(
  files: Pick<Files, 'tail'>,
  paths: readonly (string | undefined)[],
  lines: number,
  none: string,
): Promise<readonly string[]> {
  const named = new Set(paths.flatMap((path) => (path?.startsWith('/') ? [path] : [])));
  const kept = [...named].filter((path) => path !== '/dev/null');
  if (kept.length === 0) return [noLog(none)];
  const tails = await Promise.all(
    kept.map(async (path) => {
      const tail = await files.tail(path);
      const shown = tail.ok ? linesOf(tail.value).slice(-lines) : [tail.reason];
      return kept.length === 1 || shown.length === 0 ? shown : [`-- ${path} --`, ...shown];
    }),
  );
  return tails.flat();
}

/** The lines of a text that say something. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** The line that stands in for the log of a service that has none, with the way out. */
export function noLog(why: string): string {
  return `(no log: ${why}; evidence: { log: FILE } in its rule names one)`;
}
