import type { StartFailure } from '../../agent/options.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** Tells why the agent did not start, and hands the exit code back. */
export function tellStartFailure(
  failure: Exclude<StartFailure, { family: 'stopped' }>,
  title: string,
  io: Io,
): ExitCode {
  if (failure.family === 'configuration') {
    io.err(failure.report);
    const hint = "mend what stands above; 'watcher check' shows it again";
    return complain(io, exitCodes.configuration, `${title} does not load (${failure.summary})`, hint);
  }
  const { code, message, hint } = failure.failure;
  return complain(io, exitCodeOf(code), message, hint);
}

function exitCodeOf(code: string): ExitCode {
  if (code === 'locked' || code === 'socket-in-use') return exitCodes.busy;
  return code === 'forbidden' ? exitCodes.forbidden : exitCodes.cannotCreate;
}
