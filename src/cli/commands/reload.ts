import type { ReloadAnswer } from '../../control/api.ts';
import { askAgent } from '../ask/ask-agent.ts';
import { operatorName } from '../ask/operator-name.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';

/** `watcher reload`: the new rules are in force when it comes back with 0; refused (78) the old ones run on. */
export const reload: Command = async (call) => {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.reload(operatorName(io.env)));
  if (!asked.ok) return asked.code;
  if (options['json']) io.out(printJson(asked.value));
  else if (!options['quiet']) io.out(`${reloadText(asked.value)}\n`);
  if (asked.value.needsRestart.length > 0) {
    io.err(`watcher: ${asked.value.needsRestart.join(', ')}: in force after the agent was started again\n`);
  }
  return exitCodes.ok;
};

function reloadText({ services, added, removed, changed }: ReloadAnswer): string {
  const changes = [
    ['added', added],
    ['removed', removed],
    ['changed', changed],
  ] as const;
  const told = changes
    .filter(([, names]) => names.length > 0)
    .map(([verb, names]) => `${verb} ${names.join(', ')}`);
  return `${services === 1 ? '1 service' : `${services} services`}; ${told.length === 0 ? 'nothing changed' : told.join('; ')}`;
}
