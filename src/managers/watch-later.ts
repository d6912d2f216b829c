import type { Files } from '../host/files.ts';

/** Watches a path that has to be found out first. Returns the way to stop, which also works before that. */
export function watchLater(
  files: Pick<Files, 'watch'>,
  path: Promise<string>,
  changed: () => void,
): () => void {
  let over = false;
  let stop = () => {};
  void path.then((found) => {
    if (!over) stop = files.watch(found, changed);
  });
  return () => {
    over = true;
    stop();
  };
}
