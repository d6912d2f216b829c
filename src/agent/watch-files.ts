import type { Clock, Timer } from '../host/clock.ts';
import type { Files } from '../host/files.ts';

/** Editors write a file in several steps; a reload waits until so many milliseconds were quiet. */
const QUIET = 500;

/** Calls back once after changes of any of these files and folders have come to rest; returns the way to stop. */
export function watchFiles(
  parts: { readonly files: Files; readonly clock: Clock },
  paths: readonly string[],
  changed: () => void,
): () => void {
  let timer: Timer | undefined;
  const stirred = (): void => {
    timer?.cancel();
    timer = parts.clock.after(QUIET, changed);
  };
  const stops = [...new Set(paths)].map((path) => parts.files.watch(path, stirred));
  return () => {
    timer?.cancel();
    for (const stop of stops) stop();
  };
}
