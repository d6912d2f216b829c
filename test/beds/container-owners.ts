import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { must, run } from './bed.ts';
import type { Owner } from './owners.ts';

const engines = [
  { name: 'docker', units: ['docker', 'docker.socket', 'containerd'] },
  { name: 'podman', units: ['podman.socket', 'podman'] },
] as const;

/** Makes the image `bb:1` with a shell and a few programs. */
export async function importImage(engine: string): Promise<void> {
  const rootfs = '/root/rootfs';
  mkdirSync(`${rootfs}/bin`, { recursive: true });
  mkdirSync(`${rootfs}/tmp`);
  cpSync('/bin/busybox', `${rootfs}/bin/busybox`);
  for (const name of ['sh', 'sleep', 'test', 'touch', 'rm', 'echo', 'cat'])
    symlinkSync('busybox', `${rootfs}/bin/${name}`);
  await must('sh', '-c', `tar -C ${rootfs} -c . | ${engine} import - bb:1`);
  rmSync(rootfs, { recursive: true });
}

/** Docker and Podman with the containers `app` and `bad`. */
export const containerOwners: readonly Pick<Owner, 'name' | 'up' | 'down' | 'rule' | 'stop' | 'start'>[] =
  engines.map(({ name: engine, units }) => ({
    name: engine,
    async up() {
      await must('systemctl', 'start', units[0]);
      await importImage(engine);
      const sleeping = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
      const make = [engine, 'run', '-d', '--network=none'] as const;
      await must(...make, '--name=app', 'bb:1', ...sleeping);
      await must(...make, '--name=bad', '--restart=on-failure:2', 'bb:1', '/bin/sh', '-c', 'exit 3');
    },
    async down() {
      await run(engine, 'rm', '-f', 'app', 'bad');
      await run('systemctl', 'stop', ...units);
    },
    rule: (service) => ({ [engine]: service }),
    stop: () => must(engine, 'stop', '-t', '1', 'app'),
    start: () => must(engine, 'start', 'app'),
  }));
