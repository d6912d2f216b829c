import type { Answered, ControlFailureCode } from '../../control/answered.ts';
import type { Client } from '../../control/client.ts';
import { createClient } from '../../control/client.ts';
import type { Call } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { findSocket } from './find-socket.ts';

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ExitCode };

/** Asks the running agent; when that fails, a person has been told and the exit code is in the answer. */
export async function askAgent<T>(
  call: Call,
  question: (client: Client) => Promise<Answered<T>>,
): Promise<Asked<T>> {
  const socket = await findSocket(call);
  if (!socket.ok) return socket;
  const answered = await question(createClient(socket.value));
  if (answered.ok) return answered;
  const { code, message, hint } = answered.failure;
  return { ok: false, code: complain(call.io, failureCodes[code], message, hint, code) };
}

const failureCodes: Readonly<Record<ControlFailureCode, ExitCode>> = {
  'no-agent': exitCodes.unavailable,
  'not-an-agent': exitCodes.unavailable,
  'timed-out': exitCodes.unavailable,
  'went-away': exitCodes.unavailable,
  stopping: exitCodes.unavailable,
  forbidden: exitCodes.forbidden,
  'socket-in-use': exitCodes.busy,
  'socket-unusable': exitCodes.cannotCreate,
  'bad-request': exitCodes.usage,
  'too-large': exitCodes.usage,
  'not-found': exitCodes.missing,
  'unknown-service': exitCodes.missing,
  'unknown-check': exitCodes.missing,
  'unknown-incident': exitCodes.missing,
  'unknown-silence': exitCodes.missing,
  'reload-refused': exitCodes.configuration,
  refused: exitCodes.failed,
  bug: exitCodes.bug,
};
