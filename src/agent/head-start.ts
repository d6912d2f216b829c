import type { Judge } from '../engine/judge.ts';
import { foreseeRepair } from '../engine/repairs/foresee.ts';
import type { Input } from '../model/step.ts';
import type { Core } from './core.ts';
import type { Dispatcher } from './dispatcher.ts';

/**
 * Tells the engine. A repair that is certain to follow is begun before that is decided, written down and told: the program that is
 * started has the processor meanwhile, which that would have kept busy for as long as the start takes.
 */
export interface HeadStart {
  apply(inputs: readonly Input[]): void;
}

export interface HeadStartParts {
  readonly core: Pick<Core, 'apply' | 'applyWithHeadStart'>;
  readonly dispatcher: Pick<Dispatcher, 'begin'>;
  readonly judge: Judge;
}

/** Where no look has failed it is decided at once. */
export function createHeadStart({ core, dispatcher, judge }: HeadStartParts): HeadStart {
  return {
    apply(inputs) {
      const last = inputs.at(-1);
      if (last?.type !== 'observed' || last.result.outcome !== 'failed') core.apply(...inputs);
      else
        core.applyWithHeadStart(
          (config, state, at) => {
            const repair = foreseeRepair(config, state, inputs, at, judge);
            return repair && dispatcher.begin(repair);
          },
          ...inputs,
        );
    },
  };
}
