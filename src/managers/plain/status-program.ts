import type { Host } from '../../host/host.ts';
import type { ManagerReport } from '../../model/manager.ts';
import type { CommandSpec } from '../../model/service.ts';
import { endingOf } from '../outcome.ts';

/** What a status program said: the part of a report that it decides. */
export interface StatusAnswer {
  readonly activity: 'running' | 'stopped' | 'failed' | 'unknown';
  readonly intent: ManagerReport['intent'];
  readonly detail: string;
}

/**
 * Asks a status program. Exit codes as in the Linux Standard Base Core Specification 5.0, chapter 22.2 (init script
 * actions): 0 running, 1 dead and its pid file left behind, 2 dead and its lock file left behind, 3 not running,
 * 4 unknown. Only 3 is a stop on purpose: what died by itself leaves its pid or lock file.
 */
export async function askStatusProgram(host: Host, command: CommandSpec): Promise<StatusAnswer> {
  const ran = await host.commands.run(command);
  const code = ran.outcome === 'exited' ? ran.code : undefined;
  switch (code) {
    case 0:
      return { activity: 'running', intent: 'run', detail: 'the status program says running' };
    case 1:
    case 2:
      return {
        activity: 'failed',
        intent: 'run',
        detail: `the status program says dead, its ${code === 1 ? 'pid' : 'lock'} file is left behind (exit code ${code})`,
      };
    case 3:
      return {
        activity: 'stopped',
        intent: 'stopped',
        detail: 'the status program says not running (exit code 3)',
      };
    default:
      return {
        activity: 'unknown',
        intent: 'unknown',
        detail: `the status program could not tell: ${endingOf(ran)}`,
      };
  }
}
