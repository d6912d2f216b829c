import { execFileSync } from 'node:child_process';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

/** Starts Monit with these checks; `more` are settings of its own, such as where it answers. */
export function launchMonit(dir: string, seconds: number, checks: readonly string[], more = '') {
  const config = writeFile(
    `${dir}/monitrc`,
    `set daemon ${seconds}\nset pidfile ${dir}/monit.pid\nset idfile ${dir}/monit.id\nset statefile ${dir}/monit.state\nset log ${dir}/monit.log\n${more}${checks.join('')}`,
    0o600,
  );
  return { config, child: launch({ dir }, 'monit', ['monit', '-I', '-c', config]) };
}

/** A probe of one HTTP path, as Monit writes it. */
export const monitHttp = (i: number, port: number, path: string, timeout: number): string =>
  `check host h${i} with address 127.0.0.1\n  if failed port ${port} protocol http request "${path}" with timeout ${timeout} seconds then alert\n`;

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
      const { child } = launchMonit(yard.dir, seconds, checks);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 500));
      return { pid: child.pid ?? 0, close: () => end(child) };
    },
  };
}
