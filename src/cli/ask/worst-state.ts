import type { ServiceStateName } from '../../model/state.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';

/** The exit code for the worst of these states, as monitoring plugins have it: 0 fine, 1 warning, 2 down, 3 cannot tell. */
export function worstStateCode(states: readonly ServiceStateName[]): ExitCode {
  if (states.some((state) => state === 'down' || state === 'failing')) return exitCodes.down;
  if (states.includes('unknown')) return exitCodes.unknown;
  if (states.includes('warning')) return exitCodes.failed;
  return exitCodes.ok;
}
