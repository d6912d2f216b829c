import { askAgent } from '../ask/ask-agent.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printIncident } from '../print/print-incident.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher incident ID`: timeline, repairs, evidence. */
export const incident: Command = async (call) => {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.incident(call.arguments[0] ?? ''));
  if (!asked.ok) return asked.code;
  io.out(options['json'] ? printJson(asked.value) : printIncident(asked.value, io.now(), io.style));
  return exitCodes.ok;
};
