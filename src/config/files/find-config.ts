import { join } from 'node:path';
import type { RuleFiles } from './rule-files.ts';

/** What finding the configuration and the agent's folders depends on. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly cwd: string;
  readonly home: string;
  /** Effective user of the agent; 0 is root. */
  readonly uid: number;
}

/** The file, or where it was looked for. `named`: the user said which, so that its absence is an error. */
export type FoundConfig =
  | { readonly found: true; readonly file: string; readonly named: boolean }
  | { readonly found: false; readonly looked: readonly string[] };

/**
 * Which `watcher.yaml` counts: the one named with `-c/--config`, `$WATCHER_CONFIG`, then the first that exists of the
 * working directory, the user's configuration folder and `/etc/watcher`. A named file is taken without looking.
 */
export async function findConfig(
  named: string | undefined,
  surroundings: Surroundings,
  files: Pick<RuleFiles, 'stat'>,
): Promise<FoundConfig> {
  const explicit = named ?? nonEmpty(surroundings.env['WATCHER_CONFIG']);
  if (explicit !== undefined) return { found: true, file: absolute(explicit, surroundings.cwd), named: true };
  const looked = configPlaces(surroundings);
  for (const file of looked) {
    if ((await files.stat(file)) !== undefined) return { found: true, file, named: false };
  }
  return { found: false, looked };
}

/** Where a file that nobody named is looked for, in order. */
export function configPlaces(surroundings: Surroundings): readonly string[] {
  const { env, cwd, home } = surroundings;
  const userFolder = nonEmpty(env['XDG_CONFIG_HOME']) ?? join(home, '.config');
  return [
    join(cwd, 'watcher.yaml'),
    join(userFolder, 'watcher', 'watcher.yaml'),
    '/etc/watcher/watcher.yaml',
  ];
}

/**
 * Folder of the state and path of the control socket when the configuration does not say: the folders that systemd
 * gives (systemd.exec(5): STATE_DIRECTORY and RUNTIME_DIRECTORY, colon-separated), else /var/lib/watcher and
 * /run/watcher for root, else the XDG folders of the user.
 */
export function defaultPaths(surroundings: Surroundings): {
  readonly stateDir: string;
  readonly socket: string;
} {
  const { env, home, uid } = surroundings;
  const given = (name: string) => nonEmpty(env[name]?.split(':')[0]);
  const userState = join(nonEmpty(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'watcher');
  const stateDir = given('STATE_DIRECTORY') ?? (uid === 0 ? '/var/lib/watcher' : userState);
  const userRuntime = nonEmpty(env['XDG_RUNTIME_DIR']);
  const ownRuntime = userRuntime === undefined ? stateDir : join(userRuntime, 'watcher');
  const runtime = given('RUNTIME_DIRECTORY') ?? (uid === 0 ? '/run/watcher' : ownRuntime);
  return { stateDir, socket: join(runtime, 'watcher.sock') };
}

function absolute(path: string, cwd: string): string {
  return path.startsWith('/') ? path : join(cwd, path);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
