import { askAgent } from '../ask/ask-agent.ts';
import { durationOption } from '../ask/duration-option.ts';
import { operatorName } from '../ask/operator-name.ts';
import type { Command } from '../command.ts';
import { flagOption, textOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher ack INCIDENT [--comment TEXT] [--for 2h] [--undo]` */
export const ack: Command = async (call) => {
  const { io, options } = call;
  const duration = durationOption(call, 'for');
  if (!duration.ok) return duration.code;
  const comment = textOption(call, 'comment');
  const undo = flagOption(call, 'undo');
  const asked = await askAgent(call, (client) =>
    client.acknowledge({
      incident: call.arguments[0] ?? '',
      by: operatorName(io.env),
      ...(comment === undefined ? {} : { comment }),
      ...(duration.ms === undefined ? {} : { for: duration.ms }),
      ...(undo ? { undo } : {}),
    }),
  );
  if (!asked.ok) return asked.code;
  const { incident } = asked.value;
  if (options['json']) io.out(printJson(asked.value));
  else if (!options['quiet']) {
    const verb = undo ? 'no longer acknowledged' : `acknowledged by ${incident.acknowledged?.by ?? 'you'}`;
    io.out(`${incident.id} (${incident.service}/${incident.check}): ${verb}\n`);
  }
  return exitCodes.ok;
};
