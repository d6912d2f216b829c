import { askAgent } from '../ask/ask-agent.ts';
import { pickServices } from '../ask/pick-services.ts';
import { worstStateCode } from '../ask/worst-state.ts';
import type { Command } from '../command.ts';
import { flagOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { agentNotes, printSummary } from '../print/print-summary.ts';

/** `watcher summary [SERVICE...]`: one line for each service. */
export const summary: Command = async (call) => {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.summary());
  if (!asked.ok) return asked.code;
  const picked = pickServices(asked.value.services, call.arguments, io);
  if (!picked.ok) return picked.code;
  if (options['json']) {
    io.out(printJson({ ...asked.value, services: picked.rows }));
  } else if (!options['quiet']) {
    io.out(printSummary(picked.rows, io.now(), io));
    for (const note of agentNotes(asked.value.agent)) io.err(`${note}\n`);
  }
  if (!flagOption(call, 'exit-code')) return exitCodes.ok;
  return worstStateCode(picked.rows.map((row) => row.state));
};
