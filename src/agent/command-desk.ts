import { type Answered, refusal } from '../control/answered.ts';
import type { CommandRequest } from '../control/api.ts';
import { commandOrder } from '../engine/config-index.ts';
import { getFromShelf } from '../lib/shelf.ts';
import type { OperatorCommand } from '../model/step.ts';
import { type CommandOutcome, operationsOf, waitForOperations } from './command-wait.ts';
import type { Core } from './core.ts';
import type { Dispatcher } from './dispatcher.ts';

/** What an operator asks for, in words for the answer. */
const DONE: Readonly<Record<CommandRequest['do'], string>> = {
  monitor: 'monitored',
  unmonitor: 'no longer monitored',
  start: 'to be started',
  stop: 'to be stopped',
  restart: 'to be restarted',
};

/** Gives an operator's command to the engine for each service, dependencies in order; with `wait` follows it to its end. */
export async function carryOutCommand(
  request: CommandRequest,
  parts: { readonly core: Core; readonly dispatcher: Dispatcher; readonly stopping: () => boolean },
): Promise<Answered<readonly CommandOutcome[]>> {
  if (parts.stopping()) return refusal('stopping', 'the agent is stopping');
  const { core } = parts;
  const names = request.services === 'all' ? core.config.services.map(({ name }) => name) : request.services;
  const outcomes = new Map<string, CommandOutcome>();
  const begun: (readonly [service: string, id: string])[] = [];
  for (const service of commandOrder(core.config, names, request.do)) {
    const refused = cannot(core, service, request.do);
    if (refused !== undefined) {
      // Whoever means all of them means all that can be: one that only looks (the host) is no failure.
      const outcome =
        request.services === 'all'
          ? { ok: true, detail: `left alone: ${refused}` }
          : { ok: false, detail: refused };
      outcomes.set(service, { service, ...outcome });
      continue;
    }
    core.apply({
      type: 'command',
      command: commandOf(request, service),
      by: request.by ?? 'somebody at the control socket',
    });
    const operations = operationsOf(core.state, service);
    const operation = operations.findLast(({ kind }) => kind === request.do);
    if (operation !== undefined) begun.push([service, operation.id]);
    const idle = operation === undefined && request.do !== 'monitor' && request.do !== 'unmonitor';
    outcomes.set(service, { service, ok: true, detail: idle ? already(core, service) : DONE[request.do] });
  }
  if (request.wait === true && begun.length > 0) {
    const results = await waitForOperations(begun, {
      dispatcher: parts.dispatcher,
      state: () => core.state,
      onStep: core.onStep,
    });
    for (const result of results) outcomes.set(result.service, result);
  }
  return { ok: true, value: names.flatMap((name) => outcomes.get(name) ?? []) };
}

function commandOf(request: CommandRequest, service: string): OperatorCommand {
  if (request.do !== 'unmonitor') return { do: request.do, service };
  return request.for === undefined
    ? { do: 'unmonitor', service }
    : { do: 'unmonitor', service, for: request.for };
}

function cannot(core: Core, service: string, what: CommandRequest['do']): string | undefined {
  if (what === 'monitor' || what === 'unmonitor') return undefined;
  const rules = core.config.services.find(({ name }) => name === service);
  return rules?.manager === undefined ? `it has no manager that could ${what} it` : undefined;
}

function already(core: Core, service: string): string {
  return `nothing to do: it is ${getFromShelf(core.state.services, service)?.state ?? 'unknown'}`;
}
