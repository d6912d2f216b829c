import { askAgent } from '../ask/ask-agent.ts';
import { untilInterrupted } from '../ask/until-interrupted.ts';
import type { Command } from '../command.ts';
import { flagOption, textOption } from '../command.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-codes.ts';
import { printEvent } from '../print/print-event.ts';

/** `watcher events [SERVICE] [-f] [-n COUNT]`: what happened; `--json` prints one object a line. */
export const events: Command = async (call) => {
  const { io, options } = call;
  const limit = Number(textOption(call, 'lines') ?? 50);
  if (!Number.isInteger(limit) || limit < 0) {
    return complain(io, exitCodes.usage, `--lines ${textOption(call, 'lines')}: that is not a count`);
  }
  const follow = flagOption(call, 'follow');
  const service = call.arguments[0];
  const interrupted = untilInterrupted();
  const asked = await askAgent(call, async (client) => {
    const known = service === undefined ? undefined : await client.status(service);
    if (known?.ok === false) return known;
    return client.events(
      { limit, follow, ...(service === undefined ? {} : { service }) },
      (event) => io.out(options['json'] ? `${JSON.stringify(event)}\n` : printEvent(event, io.style)),
      interrupted.signal,
    );
  });
  interrupted.end();
  return asked.ok ? exitCodes.ok : asked.code;
};
