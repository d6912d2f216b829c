import { mkdirSync, renameSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../../src/managers/docker.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import { podman } from '../../src/managers/podman.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { context, eventually, must, removeFolder, reported, run } from './bed.ts';
import { importImage } from './container-owners.ts';
import { home, owners, script } from './owners.ts';

// What tells of changes breaks off: the engine, the supervisor or its files go away and come back. It must go on telling.
const running = ({ activity }: ManagerReport) => activity === 'running';
const opened: Manager[] = [];

afterEach(() => {
  for (const manager of opened.splice(0)) manager.close();
});

/** Follows the manager; `tells` waits until a change is told. */
function followed(manager: Manager): { readonly tells: (change: () => Promise<unknown>) => Promise<void> } {
  opened.push(manager);
  let told = 0;
  manager.follow?.(() => {
    told += 1;
  });
  return {
    async tells(change) {
      const before = told;
      await change();
      await eventually(() => told > before, 15_000);
    },
  };
}

const engines = [
  {
    name: 'docker',
    kind: docker,
    socket: '/var/run/docker.sock',
    units: ['docker', 'docker.socket', 'containerd'],
    service: 'docker',
  },
  {
    name: 'podman',
    kind: podman,
    socket: '/run/podman/podman.sock',
    units: ['podman.socket', 'podman'],
    service: 'podman',
  },
] as const;

describe.each(engines)('$name', ({ name: engine, kind, socket, units, service }) => {
  beforeAll(async () => {
    await must('systemctl', 'start', units[0]);
    await importImage(engine);
    const sleeping = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
    await must(engine, 'run', '-d', '--name=web', '--network=none', '--restart=always', 'bb:1', ...sleeping);
  });
  afterAll(async () => {
    await run(engine, 'rm', '-f', 'web');
    await must('systemctl', 'stop', ...units);
  });

  it('an engine that is restarted: told as such, unknown meanwhile, and events go on afterwards', async () => {
    const web = kind.open({ container: 'web', socket }, context('web', { stopTimeout: 1000 }));
    const { tells } = followed(web);
    await reported(web, running);
    await tells(() => must('systemctl', 'stop', ...units));
    expect(await web.report()).toMatchObject({ intent: 'unknown', activity: 'unknown' });
    await tells(() => must('systemctl', 'start', ...(service === 'docker' ? ['docker'] : ['podman.socket'])));
    await eventually(async () => {
      if (!running(await web.report())) await run(engine, 'start', 'web');
      return running(await web.report());
    }, 20_000);
    await tells(() => must(engine, 'stop', '-t', '1', 'web'));
    await tells(() => must(engine, 'start', 'web'));
  }, 90_000);
});

describe.each(owners.filter(({ name }) => ['supervisor', 'runit', 's6', 'pm2'].includes(name)))(
  '$name',
  (owner) => {
    beforeAll(async () => {
      mkdirSync(home, { recursive: true });
      script(`${home}/app`, '#!/bin/sh\nexec /bin/sleep 1000');
      script(`${home}/bad`, '#!/bin/sh\nexit 3');
      await owner.up();
    });
    afterAll(async () => {
      await owner.down();
      removeFolder(home);
    });

    it('that goes away and comes back: a start and a death are told again', async () => {
      const app = owner.open('app', { startTimeout: 15_000 });
      const { tells } = followed(app);
      const first = await reported(app, running, 15_000);
      await tells(async () => {
        await owner.down();
        // What kept the service need not end it.
        if (first.main !== undefined) await run('kill', String(first.main.pid));
      });
      await eventually(async () => !running(await app.report()), 15_000);
      if (owner.name === 'runit' || owner.name === 's6') {
        // Its folder is made anew, as by a new release.
        const folder = `${home}/${owner.name === 'runit' ? 'rv' : 's6'}`;
        await eventually(async () => (await run('pgrep', '-f', `${folder}`)).code !== 0, 15_000);
        renameSync(folder, `${folder}.old`);
      }
      if (owner.name === 'supervisor')
        await eventually(async () => (await run('pgrep', '-x', 'supervisord')).code !== 0);
      await tells(() => owner.up());
      const again = await reported(app, running, 20_000);
      await tells(async () => process.kill(again.main?.pid ?? 0, 'SIGKILL'));
    }, 90_000);
  },
);
