/**
 * Bounds how much runs at once, for each kind and for each remote target, in two lanes. What is known to be slow (its last
 * run was) waits only behind what is slow, so a hundred hung servers can use up the slow lane but never the quick one.
 */
export interface Lanes {
  /** Calls `start` at once when there is room, else later, in order; `urgent` goes before everything that waits. */
  enter(use: LaneUse): LaneTicket;
  readonly running: number;
  readonly waiting: number;
}

export interface LaneUse {
  readonly kind: string;
  /** The remote host it talks to; absent for what stays on this one. */
  readonly target?: string;
  readonly slow: boolean;
  readonly urgent: boolean;
  start(ticket: LaneTicket): void;
}

export interface LaneTicket {
  /** It takes longer than quick things do: makes its room in the quick lane free. */
  turnSlow(): void;
  /** It ended, or it no longer wants to start. */
  leave(): void;
}

export interface LaneLimits {
  readonly kind: { readonly quick: number; readonly slow: number };
  readonly target: { readonly quick: number; readonly slow: number };
}

/** Enough for thousands of probes, few enough for the descriptors and memory of one process. */
const DEFAULT_LIMITS: LaneLimits = {
  kind: { quick: 256, slow: 512 },
  target: { quick: 64, slow: 64 },
};

/** Every run of these starts a program. */
const PROGRAM_LIMITS: LaneLimits = { ...DEFAULT_LIMITS, kind: { quick: 8, slow: 64 } };

/** The limits that an agent works with. */
export function limitsOf(kind: string): LaneLimits {
  return kind === 'command' ? PROGRAM_LIMITS : DEFAULT_LIMITS;
}

interface Place {
  readonly use: LaneUse;
  readonly ticket: LaneTicket;
  slow: boolean;
  state: 'waiting' | 'running' | 'left';
}

/** Empty lanes; `limits` says how many of a kind may run at once, in all and for one target. */
export function createLanes(limits: (kind: string) => LaneLimits = limitsOf): Lanes {
  const counts = new Map<string, number>();
  const waiting = new Map<string, Place[]>();
  let running = 0;
  let queued = 0;

  const count = (key: string, by: number): void => {
    const next = (counts.get(key) ?? 0) + by;
    if (next === 0) counts.delete(key);
    else counts.set(key, next);
  };

  function occupy(place: Place, by: 1 | -1): void {
    const lane = place.slow ? 'slow' : 'quick';
    count(`${lane} kind ${place.use.kind}`, by);
    if (place.use.target !== undefined) count(`${lane} target ${place.use.target}`, by);
  }

  function hasRoom({ use, slow }: Place, of: 'kind' | 'target'): boolean {
    const name = use[of];
    if (name === undefined) return true;
    const lane = slow ? 'slow' : 'quick';
    return (counts.get(`${lane} ${of} ${name}`) ?? 0) < limits(use.kind)[of][lane];
  }

  function start(place: Place): void {
    place.state = 'running';
    running += 1;
    occupy(place, 1);
    place.use.start(place.ticket);
  }

  /** Starts what has room now, in order; what waits for a busy target lets the others pass. */
  function admit(key: string): void {
    const queue = waiting.get(key);
    if (queue === undefined) return;
    for (let index = 0; index < queue.length; ) {
      const place = queue[index];
      if (place === undefined || !hasRoom(place, 'kind')) break;
      if (!hasRoom(place, 'target')) {
        index += 1;
        continue;
      }
      queue.splice(index, 1);
      queued -= 1;
      start(place);
    }
    if (queue.length === 0) waiting.delete(key);
  }

  /** Room for a target may be what other kinds wait for. */
  function madeRoom(lane: string, use: LaneUse): void {
    if (queued === 0) return;
    if (use.target === undefined) admit(`${lane} ${use.kind}`);
    else for (const key of [...waiting.keys()]) admit(key);
  }

  function wait(place: Place): void {
    const key = `${place.slow ? 'slow' : 'quick'} ${place.use.kind}`;
    const queue = waiting.get(key) ?? [];
    waiting.set(key, queue);
    if (place.use.urgent) queue.unshift(place);
    else queue.push(place);
    queued += 1;
  }

  function leave(place: Place): void {
    const { state } = place;
    place.state = 'left';
    if (state === 'running') {
      running -= 1;
      occupy(place, -1);
      madeRoom(place.slow ? 'slow' : 'quick', place.use);
    } else if (state === 'waiting') {
      const queue = waiting.get(`${place.slow ? 'slow' : 'quick'} ${place.use.kind}`);
      const index = queue?.indexOf(place) ?? -1;
      if (index >= 0) {
        queue?.splice(index, 1);
        queued -= 1;
      }
    }
  }

  function turnSlow(place: Place): void {
    if (place.slow || place.state !== 'running') return;
    occupy(place, -1);
    place.slow = true;
    occupy(place, 1);
    madeRoom('quick', place.use);
  }

  return {
    enter(use) {
      const ticket: LaneTicket = { turnSlow: () => turnSlow(place), leave: () => leave(place) };
      const place: Place = { use, ticket, slow: use.slow, state: 'waiting' };
      if (hasRoom(place, 'kind') && hasRoom(place, 'target')) start(place);
      else wait(place);
      return ticket;
    },
    get running() {
      return running;
    },
    get waiting() {
      return queued;
    },
  };
}
