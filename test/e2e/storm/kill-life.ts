import { watch } from 'node:fs';
import type { Ended, RunningAgent } from '../bed.ts';
import type { Random } from './random.ts';

/** How the moment was chosen at which an agent was killed. */
export type Moment = 'starting' | 'working' | 'writing' | 'telling';

/** What a life can be ended by besides time. */
export interface Occasions {
  /** Folder in which the agent writes its state. */
  readonly state: string;
  /** Calls back at each message that came in whole and is not answered yet. */
  onArrival(told: () => void): () => void;
}

/** Longest life after the agent said that it runs, milliseconds: what was waited for need not come. */
const LONGEST: Readonly<Record<Exclude<Moment, 'starting'>, number>> = {
  working: 900,
  writing: 900,
  // On a busy machine it is these lives that get anything told at all.
  telling: 4000,
};

/** Lets an agent live for a moment, kills it with SIGKILL and waits for its end. */
export async function killLife(
  agent: RunningAgent,
  random: Random,
  occasions: Occasions,
): Promise<{ readonly moment: Moment; readonly ended: Ended }> {
  const moment = pick(random);
  const undo: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    const later = (ms: number): void => {
      const timer = setTimeout(resolve, ms);
      undo.push(() => clearTimeout(timer));
    };
    void agent.ended.then(() => resolve());
    if (moment === 'starting') {
      later(random.between(0, 400));
      return;
    }
    const working = random.between(0, LONGEST.working);
    onceRunning(agent, () => later(moment === 'working' ? working : LONGEST[moment]));
    if (moment === 'writing') {
      let left = random.between(1, 25);
      const watcher = watch(occasions.state, () => {
        left -= 1;
        if (left <= 0) resolve();
      });
      undo.push(() => watcher.close());
    }
    if (moment === 'telling') {
      let left = random.between(1, 8);
      undo.push(
        occasions.onArrival(() => {
          left -= 1;
          if (left > 0) return;
          // Before its sender reads an answer: the notice is out, and its delivery cannot be noted any more.
          agent.child.kill('SIGKILL');
          resolve();
        }),
      );
    }
  });
  for (const end of undo) end();
  agent.child.kill('SIGKILL');
  return { moment, ended: await agent.ended };
}

function pick(random: Random): Moment {
  const dice = random.fraction();
  if (dice < 0.1) return 'starting';
  if (dice < 0.4) return 'working';
  return dice < 0.65 ? 'writing' : 'telling';
}

/** Calls back when the agent has said that it runs. */
function onceRunning(agent: RunningAgent, run: () => void): void {
  const look = (): void => {
    if (!agent.output().includes('state in ')) return;
    for (const stream of [agent.child.stdout, agent.child.stderr]) stream?.off('data', look);
    run();
  };
  for (const stream of [agent.child.stdout, agent.child.stderr]) stream?.on('data', look);
  look();
}
