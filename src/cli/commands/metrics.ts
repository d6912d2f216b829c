import { expositionTypes } from '../../telemetry/exposition.ts';
import { askAgent } from '../ask/ask-agent.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher metrics`: what Prometheus reads, for its textfile collector or whoever brings it there. */
export const metrics: Command = async (call) => {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.metrics());
  if (!asked.ok) return asked.code;
  const text = asked.value;
  io.out(options['json'] ? printJson({ version: 1, type: expositionTypes.prometheus, text }) : text);
  return exitCodes.ok;
};
