import { join } from 'node:path';
import { configPlaces, defaultPaths, type Surroundings } from '../../config/files/find-config.ts';

/** Where a service of systemd keeps what belongs to it. */
export interface UnitPlace {
  readonly scope: 'system' | 'user';
  readonly unit: string;
  /** Where `watcher.yaml` is when nobody named another one. */
  readonly config: string;
  readonly stateDir: string;
  /** `systemctl`, and `--user` for a user's own. */
  readonly systemctl: readonly string[];
  readonly journalctl: readonly string[];
  /** What `systemctl --user` must know to find the user's systemd. */
  readonly env: Readonly<Record<string, string>>;
}

/** The name of the unit, everywhere. */
export const unitName = 'watcher.service';

/** The places of the system's service, or of this user's own. */
export function unitPlace(scope: 'system' | 'user', surroundings: Surroundings): UnitPlace {
  if (scope === 'system') {
    return {
      scope,
      unit: join('/etc/systemd/system', unitName),
      config: '/etc/watcher/watcher.yaml',
      stateDir: '/var/lib/watcher',
      systemctl: ['systemctl'],
      journalctl: ['journalctl', '-u', unitName],
      env: {},
    };
  }
  const { env, home, uid } = surroundings;
  const [, config = join(home, '.config/watcher/watcher.yaml')] = configPlaces(surroundings);
  return {
    scope,
    unit: join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'systemd/user', unitName),
    config,
    stateDir: defaultPaths(surroundings).stateDir,
    systemctl: ['systemctl', '--user'],
    journalctl: ['journalctl', '--user', '-u', unitName],
    env: { XDG_RUNTIME_DIR: env['XDG_RUNTIME_DIR'] || `/run/user/${uid}` },
  };
}
