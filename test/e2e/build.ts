import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Before the end-to-end tests: they run the built program, so dist/ must be of these sources. */
export default function setup(): void {
  const prepare = fileURLToPath(new URL('../../.ci/prepare.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [prepare], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('dist/ could not be built; what the build said stands above');
}
