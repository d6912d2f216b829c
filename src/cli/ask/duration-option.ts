import { parseDuration } from '../../lib/duration.ts';
import type { Call } from '../command.ts';
import { textOption } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';

export type DurationGiven =
  | { readonly ok: true; readonly ms?: number }
  | { readonly ok: false; readonly code: ExitCode };

/** The milliseconds given to an option such as `--for 2h`; complains about what is not a duration above zero. */
export function durationOption(call: Call, name: string): DurationGiven {
  const text = textOption(call, name);
  if (text === undefined) return { ok: true };
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return { ok: true, ms };
  const message = `--${name} ${text}: ${ms === undefined ? 'that is not a duration' : 'that is no time at all'}`;
  return {
    ok: false,
    code: complain(call.io, exitCodes.usage, message, 'write it with its unit: 30s, 15m, 2h, 1d'),
  };
}
