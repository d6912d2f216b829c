import { constants } from 'node:os';
import type { UnitFacts } from './systemd-unit.ts';

/** What systemd's own exit codes of a process it could not start mean: systemd.exec(5), "Process Exit Codes". */
const ownCodes: Readonly<Record<number, string>> = {
  200: 'its working folder does not exist',
  201: 'its priority could not be set',
  202: 'its file descriptors could not be set up',
  203: 'its program could not be started',
  205: 'its resource limits could not be set',
  206: 'its OOM score could not be set',
  208: 'its standard input could not be opened',
  209: 'its standard output could not be opened',
  210: 'its root folder could not be changed',
  216: 'its group does not exist',
  217: 'its user does not exist',
  218: 'its capabilities could not be dropped',
  219: 'its cgroup could not be set up',
  222: 'its standard error could not be opened',
  226: 'its name space (ProtectSystem and the like) could not be set up',
  228: 'its system call filter could not be set',
  233: 'its runtime folder could not be made',
  238: 'its state folder could not be made',
  239: 'its cache folder could not be made',
  240: 'its log folder could not be made',
  241: 'its configuration folder could not be made',
  243: 'its credentials could not be set up',
};

/** How the main process last ended: `exit code 1`, `signal KILL`, `oom-kill`; nothing when it never ended. */
export function exitText(facts: UnitFacts): string | undefined {
  if (facts.result === 'oom-kill') return 'oom-kill';
  const after =
    facts.result === 'watchdog'
      ? ' (it missed its watchdog)'
      : facts.result === 'timeout'
        ? ' (timeout)'
        : '';
  switch (facts.exitCode) {
    case 1: {
      const meaning = ownCodes[facts.exitStatus];
      return `exit code ${facts.exitStatus}${meaning === undefined ? '' : ` (${meaning})`}${after}`;
    }
    case 2:
      return `signal ${signalName(facts.exitStatus)}${after}`;
    case 3:
      return `signal ${signalName(facts.exitStatus)}, core dumped${after}`;
    default:
      return undefined;
  }
}

function signalName(number: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? String(number) : name.replace('SIG', '');
}
