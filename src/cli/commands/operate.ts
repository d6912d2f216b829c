import type { CommandAnswer, CommandRequest } from '../../control/api.ts';
import { askAgent } from '../ask/ask-agent.ts';
import { durationOption } from '../ask/duration-option.ts';
import { operatorName } from '../ask/operator-name.ts';
import type { Call, Command } from '../command.ts';
import { flagOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher monitor SERVICE...` */
export const monitor: Command = (call) => operate(call, 'monitor');
/** `watcher unmonitor SERVICE... [--for 30m]` */
export const unmonitor: Command = (call) => operate(call, 'unmonitor');
/** `watcher start SERVICE... [--wait]` */
export const start: Command = (call) => operate(call, 'start');
/** `watcher stop SERVICE... [--wait]` */
export const stop: Command = (call) => operate(call, 'stop');
/** `watcher restart SERVICE... [--wait]` */
export const restart: Command = (call) => operate(call, 'restart');

async function operate(call: Call, verb: CommandRequest['do']): Promise<ExitCode> {
  const { io, options } = call;
  const duration = durationOption(call, 'for');
  if (!duration.ok) return duration.code;
  const names = [...new Set(call.arguments)];
  const request: CommandRequest = {
    do: verb,
    services: names.includes('all') ? 'all' : names,
    by: operatorName(io.env),
    ...(duration.ms === undefined ? {} : { for: duration.ms }),
    ...(flagOption(call, 'wait') ? { wait: true } : {}),
  };
  const asked = await askAgent(call, (client) => client.command(request));
  if (!asked.ok) return asked.code;
  if (options['json']) io.out(printJson(asked.value));
  else printResults(call, asked.value);
  return asked.value.results.every((result) => result.ok) ? exitCodes.ok : exitCodes.failed;
}

function printResults({ io, options }: Call, { results }: CommandAnswer): void {
  for (const { service, ok, detail } of results) {
    if (!ok) io.err(`watcher: ${service}: ${detail}\n`);
    else if (!options['quiet']) io.out(`${service}: ${detail}\n`);
  }
}
