import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a file that comes with the program is: its folder stands beside dist/ in the package, and beside src/ in a checkout. */
export function packageFile(...path: readonly string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, ...path))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`${join(...path)} is missing: the installation of watcher is damaged`);
    folder = parent;
  }
  return join(folder, ...path);
}
