// Run by few-descriptors.test.ts in a process that may open few files: watches the processes whose numbers it is given,
// uses up every descriptor, and prints what it was told of them.
import { openSync } from 'node:fs';
import { createPidfdDeaths } from '../../src/host/deaths/pidfd-deaths.ts';
import { loadPidfdLibrary } from '../../src/host/deaths/pidfd-library.ts';
import { createPolledDeaths } from '../../src/host/deaths/polled-deaths.ts';
import { createLinuxProcesses } from '../../src/host/processes/linux-processes.ts';
import { createRealClock } from '../../src/host/time/real-clock.ts';

const clock = createRealClock();
const processes = createLinuxProcesses(clock);
const library = await loadPidfdLibrary();
if (library === undefined) throw new Error('no pidfd here');
const deaths = createPidfdDeaths(library, processes, createPolledDeaths(processes, clock));
const identities = process.argv
  .slice(2)
  .map((pid) => processes.identify(Number(pid)) ?? { pid: 0, start: 0 });
const told: number[] = [];
for (const identity of identities) deaths.watch(identity, () => told.push(identity.pid));
let free = 0;
try {
  for (; ; free += 1) openSync('/dev/null', 'r');
} catch {
  // None is left.
}
const seen = await Promise.all(identities.map(({ pid }) => processes.one(pid)));
const table = await processes.table(0).then(
  ({ byPid }) => identities.filter(({ pid }) => !byPid.has(pid)).length,
  () => 'unreadable',
);
const signalled = processes.signal({ pid: process.pid, start: 1 }, 'USR2');
await new Promise((resolve) => setTimeout(resolve, 1500));
const living = seen.filter((entry) => entry !== undefined).length;
process.kill(identities.at(-1)?.pid ?? 0, 'SIGKILL');
await new Promise((resolve) => setTimeout(resolve, 1500));
console.log(JSON.stringify({ free, living, table, told, code: signalled.ok ? 'ok' : signalled.code }));
deaths.close();
