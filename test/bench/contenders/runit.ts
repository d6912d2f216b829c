import { mkdirSync, symlinkSync } from 'node:fs';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch, type Running } from './contender.ts';

const absent = () => (which('runsvdir') === undefined ? 'runsvdir is not installed' : undefined);
const version = () => 'runit';

/** Service folders as their author makes them: what runsv writes down at each start lies in them. */
export const runit: Contender = {
  name: 'runit',
  owns: true,
  absent,
  version,
  up: (yard, count) => up(yard, count, () => {}),
};

/** As Debian's packages have it: `supervise` of each service is a link to a folder below /run. */
export const runitInMemory: Contender = {
  name: 'runit, supervise in memory',
  owns: true,
  absent,
  version,
  up: (yard, count) =>
    up(yard, count, (i) =>
      symlinkSync(`${yard.memory}/supervise.s${i}`, `${yard.dir}/runit/s${i}/supervise`),
    ),
};

async function up(yard: Yard, count: number, prepare: (i: number) => void): Promise<Running> {
  for (let i = 0; i < count; i++) {
    mkdirSync(`${yard.dir}/runit/s${i}`, { recursive: true });
    prepare(i);
    writeFile(`${yard.dir}/runit/s${i}/run`, `#!/bin/sh\nexec ${yard.binary} ${yard.stamps(i)}\n`, 0o755);
  }
  const child = launch(yard, 'runit', ['runsvdir', '-P', `${yard.dir}/runit`]);
  await yard.allStarted(count);
  // HUP tells runsvdir to end its supervisors and their services with it.
  return { pid: child.pid ?? 0, close: () => end(child, 'SIGHUP') };
}
