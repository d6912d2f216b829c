import { askAgent } from '../ask/ask-agent.ts';
import { readCheckReference } from '../ask/check-reference.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../print/one-line.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher why SERVICE[/CHECK]`: the chain of reasons, one sentence a line. */
export const why: Command = async (call) => {
  const { io, options } = call;
  const { service, check } = readCheckReference(call.arguments[0] ?? '');
  const asked = await askAgent(call, (client) => client.why(service, check));
  if (!asked.ok) return asked.code;
  if (options['json']) io.out(printJson(asked.value));
  else io.out(asked.value.reasons.map((reason) => `${oneLine(reason)}\n`).join(''));
  return exitCodes.ok;
};
