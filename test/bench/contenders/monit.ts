import { execFileSync } from 'node:child_process';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

/** Monit with a cycle of `seconds`; it owns nothing, like us. */
export function monit(seconds: number): Contender {
  return {
    name: `Monit, cycle ${seconds} s`,
    owns: false,
    absent: () => (which('monit') === undefined ? 'monit is not installed' : undefined),
    version: () => execFileSync('monit', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? 'Monit',
    async up(yard: Yard, count: number) {
      for (let i = 0; i < count; i++) {
        execFileSync(yard.binary, [yard.stamps(i), yard.pidfile(i)]);
      }
      const checks = Array.from(
        { length: count },
        (_, i) =>
          `check process s${i} pidfile ${yard.pidfile(i)}\n  start program = "${yard.binary} ${yard.stamps(i)} ${yard.pidfile(i)}"\n`,
      );
      const config = writeFile(
        `${yard.dir}/monitrc`,
        `set daemon ${seconds}\nset pidfile ${yard.dir}/monit.pid\nset idfile ${yard.dir}/monit.id\nset statefile ${yard.dir}/monit.state\nset log ${yard.dir}/monit.log\n${checks.join('')}`,
        0o600,
      );
      const child = launch(yard, 'monit', ['monit', '-I', '-c', config]);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 500));
      return { pid: child.pid ?? 0, close: () => end(child) };
    },
  };
}
