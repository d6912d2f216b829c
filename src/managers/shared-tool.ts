import type { CommandResult } from '../host/commands.ts';
import type { Host } from '../host/host.ts';
import { runTool, type ToolOptions } from './tool.ts';

/** One that runs, and one that begins after it for whoever asked meanwhile. */
interface Turn {
  readonly running: Promise<CommandResult>;
  next?: Promise<CommandResult>;
}

const turns = new WeakMap<Host, Map<string, Turn>>();

/**
 * Runs a program that tells of everything a manager has, for all services that ask at the same time: never twice side by
 * side, and each gets the answer of a run that began after it asked. Twenty services that die together cost two runs.
 */
export function runSharedTool(
  host: Host,
  argv: readonly string[],
  options: Omit<ToolOptions, 'signal'> = {},
): Promise<CommandResult> {
  const ofHost = turns.get(host) ?? new Map<string, Turn>();
  turns.set(host, ofHost);
  const key = JSON.stringify([argv, options]);
  const turn = ofHost.get(key);
  const run = (): Promise<CommandResult> => {
    const running = runTool(host, argv, options).finally(() => {
      const ended = ofHost.get(key);
      if (ended?.running === running && ended.next === undefined) ofHost.delete(key);
    });
    ofHost.set(key, { running });
    return running;
  };
  if (turn === undefined) return run();
  turn.next ??= turn.running.then(run, run);
  return turn.next;
}
