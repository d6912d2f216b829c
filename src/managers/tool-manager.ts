import type { ManagerReport } from '../model/manager.ts';
import { followThrough, type Request } from './follow-through.ts';
import { mainFollower } from './main-follower.ts';
import type { Manager, ManagerContext } from './manager-kind.ts';
import { mainsOf } from './together.ts';

/** Milliseconds between two looks at a service without a process: a program is started for each. */
const lookEvery = 5_000;

type Kind = 'start' | 'stop' | 'restart' | 'reload';

/** What differs between managers that are asked by a program of theirs. */
export interface Tool {
  look(): Promise<ManagerReport>;
  request(kind: Kind, signal: AbortSignal | undefined): Promise<Request>;
  logs?(lines: number): Promise<readonly string[]>;
  /** Events beside the death of the main process. */
  events?(changed: () => void): () => void;
}

/**
 * A manager made of a tool. After a start or restart of the watcher's own that did not get it up, `stopped` is no intent
 * of an operator.
 */
export function toolManager(tool: Tool, context: ManagerContext): Manager {
  const follower = mainFollower(context.host, { every: lookEvery, report });
  let ownStop = false;

  async function report(): Promise<ManagerReport> {
    const found = await tool.look();
    follower.note(mainsOf(found), found.activity);
    if (found.activity === 'running') ownStop = false;
    if (!ownStop || found.intent !== 'stopped') return found;
    return {
      ...found,
      intent: 'run',
      activity: 'failed',
      detail: `it was to be started, and was not (${found.detail})`,
    };
  }

  return {
    report,
    async operate(kind, signal) {
      const request = () => tool.request(kind, signal);
      const result = await followThrough({ kind, context, signal, report, request });
      if (kind !== 'reload') ownStop = kind !== 'stop' && !result.ok;
      return result;
    },
    ...(tool.logs === undefined ? {} : { logs: tool.logs }),
    follow: (changed) => follower.follow(changed, tool.events),
    close: () => follower.close(),
  };
}

/** A report without a process: what could not be asked, or is not known. */
export function withoutProcess(activity: 'unknown' | 'missing', detail: string): ManagerReport {
  return { intent: 'unknown', activity, detail };
}
