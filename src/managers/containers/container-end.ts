import { constants } from 'node:os';
import type { Container, ContainerEvent } from './container-api.ts';

/**
 * What a container's end was: `by-itself-late` is by itself as far as is known now, but the engine may be about to tell
 * of a stop; `after-the-engine` outlived an engine that was killed, and was ended by the next one when that began;
 * `unclear` was seen to end without a word about why; of a `forgotten` one nothing is remembered.
 */
export type ContainerEnd =
  | 'by-hand'
  | 'by-itself'
  | 'by-itself-late'
  | 'with-the-engine'
  | 'after-the-engine'
  | 'unclear'
  | 'forgotten';

/** Wall milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface EndFacts {
  readonly engine: 'Docker' | 'Podman';
  readonly stopSignal?: string | undefined;
  /** Seconds that the container has to end once it is asked to. */
  readonly stopTimeout?: number | undefined;
  /** When it ended, wall milliseconds; where the events do not tell. */
  readonly finishedAt?: number | undefined;
  /** When the watcher itself last sent it a HUP. */
  readonly ownReload?: Span | undefined;
}

/** Both engines give a container so many seconds where it has no word of its own. */
const usualStopTimeout = 10;
/** Beyond the time that a container has to end, milliseconds. */
const margin = 2_000;

/**
 * What its end was, from its events, oldest first. Docker tells `kill` with the signal before `die` for a stop and for a
 * kill by hand; a death by itself is `die` alone. Only a signal that ends programs, and that it ended by within the time
 * it has for that, is a stop: HUP and USR1 are sent for other reasons, and Docker, which acts on no restart policy after
 * any signal (moby, daemon/kill.go), leaves a later death to the watcher. Podman 4 tells no signals and mostly nothing of
 * a stop, but often cleans up twice after one: there a death alone proves nothing.
 */
export function endIn(events: readonly ContainerEvent[], facts: EndFacts): ContainerEnd {
  let asked: number | undefined;
  let ended: number | undefined;
  let stopped = false;
  let cleanups = 0;
  for (const event of events) {
    const at = event.timeNano / 1e6;
    switch (event.Action) {
      case 'start':
      case 'restart':
        asked = undefined;
        ended = undefined;
        stopped = false;
        cleanups = 0;
        break;
      case 'stop':
        stopped = true;
        break;
      case 'kill':
        if (ended === undefined && endsPrograms(event, at, facts)) asked = at;
        break;
      case 'die':
      case 'died':
        ended = at;
        break;
      case 'cleanup':
        cleanups += 1;
        break;
    }
  }
  if (stopped || cleanups > 1) return 'by-hand';
  const end = ended ?? facts.finishedAt;
  if (asked !== undefined && (end === undefined || end - asked <= graceOf(facts))) return 'by-hand';
  if (ended === undefined) return 'forgotten';
  if (facts.engine === 'Podman') return 'unclear';
  return asked === undefined ? 'by-itself' : 'by-itself-late';
}

/** How long a container has to end after it was asked to, milliseconds. */
export function graceOf({ stopTimeout = usualStopTimeout }: Pick<EndFacts, 'stopTimeout'>): number {
  return stopTimeout * 1000 + margin;
}

function endsPrograms(
  { Actor: { Attributes: attributes } }: ContainerEvent,
  at: number,
  { stopSignal, ownReload }: EndFacts,
): boolean {
  const signal = signalNumber(attributes['signal']);
  const { SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM } = constants.signals;
  const own = ownReload !== undefined && at >= ownReload.from && at <= ownReload.to;
  if (own && (signal === undefined || signal === SIGHUP)) return false;
  if (signal === undefined) return true;
  return [SIGINT, SIGKILL, SIGQUIT, SIGTERM, signalNumber(stopSignal)].includes(signal);
}

/** The first signal of SIGRTMIN, as C libraries number it (signal(7)). */
const firstRealTime = 34;

/** `15`, `TERM`, `SIGTERM`, `RTMIN+3` */
function signalNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const name = text.toUpperCase().replace(/^SIG/, '');
  const realTime = /^RTMIN(?:\+(\d+))?$/.exec(name);
  if (realTime !== null) return firstRealTime + Number(realTime[1] ?? 0);
  return Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1];
}

/** What of a container's own settings its end is judged by. */
export function endFacts({ Config: config, State: state }: Container): Omit<EndFacts, 'engine'> {
  const finishedAt = Date.parse(state.FinishedAt);
  return {
    stopSignal: config?.StopSignal,
    stopTimeout: config?.StopTimeout ?? undefined,
    finishedAt: Number.isNaN(finishedAt) ? undefined : finishedAt,
  };
}
