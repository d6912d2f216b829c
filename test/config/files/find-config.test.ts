import { describe, expect, it } from 'vitest';
import {
  configPlaces,
  defaultPaths,
  findConfig,
  type Surroundings,
} from '../../../src/config/files/find-config.ts';
import { memoryFiles } from '../memory-files.ts';

const user: Surroundings = { env: {}, cwd: '/srv/project', home: '/home/me', uid: 1000 };

describe('finding watcher.yaml', () => {
  it('takes the named file without looking', async () => {
    const found = await findConfig(
      'etc/w.yaml',
      { ...user, env: { WATCHER_CONFIG: '/x.yaml' } },
      memoryFiles({}),
    );
    expect(found).toEqual({ found: true, file: '/srv/project/etc/w.yaml', named: true });
  });

  it('then the one that the environment names', async () => {
    const found = await findConfig(
      undefined,
      { ...user, env: { WATCHER_CONFIG: '/x.yaml' } },
      memoryFiles({}),
    );
    expect(found).toEqual({ found: true, file: '/x.yaml', named: true });
  });

  it('then the nearest that exists', async () => {
    const places = configPlaces(user);
    expect(places).toEqual([
      '/srv/project/watcher.yaml',
      '/home/me/.config/watcher/watcher.yaml',
      '/etc/watcher/watcher.yaml',
    ]);
    for (let index = 0; index < places.length; index += 1) {
      const files = memoryFiles(Object.fromEntries(places.slice(index).map((place) => [place, ''])));
      expect(await findConfig(undefined, user, files)).toMatchObject({ found: true, file: places[index] });
    }
    expect(await findConfig(undefined, user, memoryFiles({}))).toEqual({ found: false, looked: places });
  });
});

describe('the folders', () => {
  it('are those that systemd gives', () => {
    const env = { STATE_DIRECTORY: '/var/lib/w:/var/lib/x', RUNTIME_DIRECTORY: '/run/w' };
    expect(defaultPaths({ ...user, env })).toEqual({ stateDir: '/var/lib/w', socket: '/run/w/watcher.sock' });
  });

  it('are the usual ones for root', () => {
    const paths = { stateDir: '/var/lib/watcher', socket: '/run/watcher/watcher.sock' };
    expect(defaultPaths({ ...user, uid: 0 })).toEqual(paths);
  });

  it('are below the home of a user', () => {
    expect(
      defaultPaths({ ...user, env: { XDG_RUNTIME_DIR: '/run/user/1000', XDG_STATE_HOME: '/s' } }),
    ).toEqual({
      stateDir: '/s/watcher',
      socket: '/run/user/1000/watcher/watcher.sock',
    });
    const stateDir = '/home/me/.local/state/watcher';
    expect(defaultPaths(user)).toEqual({ stateDir, socket: `${stateDir}/watcher.sock` });
  });
});
