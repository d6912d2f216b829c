import { askAgent } from '../ask/ask-agent.ts';
import { operatorName } from '../ask/operator-name.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher quit`: stops the agent. The services run on. */
export const quit: Command = async (call) => {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.quit(operatorName(io.env)));
  if (!asked.ok) return asked.code;
  if (options['json']) io.out(printJson(asked.value));
  else if (!options['quiet']) io.out(`the agent (pid ${asked.value.pid}) stops; the services run on\n`);
  return exitCodes.ok;
};
