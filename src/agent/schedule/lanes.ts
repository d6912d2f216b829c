/**
 * Bounds how much runs at once, for each kind and for each remote target, in two lanes. What is known to be slow (its last
 * run was) waits only behind what is slow, so a hundred hung servers can use up the slow lane but never the quick one.
 */
export interface Lanes {
  /** Calls `start` at once when there is room, else later, in order; `urgent` goes before everything else that waits. */
  enter(use: LaneUse): LaneTicket;
  readonly running: number;
  readonly waiting: number;
}

export interface LaneUse {
  readonly kind: string;
  /** The remote host it talks to; absent for what stays on this one. */
  readonly target?: string | undefined;
  readonly startsProgram?: boolean | undefined;
  readonly slow: boolean;
  readonly urgent: boolean;
  start(ticket: LaneTicket): void;
}

export interface LaneTicket {
  /**
   * It takes longer than quick things do: makes its room in the quick lane free, as soon as the slow lane has room for it.
   * Until then it counts where it is: what hangs is bounded too, from its first run on.
   */
  turnSlow(): void;
  /** It ended, or it no longer wants to start. */
  leave(): void;
}

export interface LaneLimits {
  readonly kind: Readonly<Record<Lane, number>>;
  readonly target: Readonly<Record<Lane, number>>;
}

type Lane = 'quick' | 'slow';

/** Enough for thousands of probes, few enough for the descriptors and memory of one process. */
const DEFAULT_LIMITS: LaneLimits = {
  kind: { quick: 256, slow: 512 },
  target: { quick: 64, slow: 64 },
};

/** For what starts programs. */
const PROGRAM_LIMITS: LaneLimits = { ...DEFAULT_LIMITS, kind: { quick: 8, slow: 64 } };

/** The limits that an agent works with. */
function limitsOf({ startsProgram }: Pick<LaneUse, 'startsProgram'>): LaneLimits {
  return startsProgram === true ? PROGRAM_LIMITS : DEFAULT_LIMITS;
}

const SCOPES = ['kind', 'target'] as const;
type Scope = (typeof SCOPES)[number];

interface Place {
  readonly use: LaneUse;
  readonly ticket: LaneTicket;
  /** Where it is counted: what turns slow changes each lane by itself, so a full target keeps no room of the kind. */
  readonly lane: Record<Scope, Lane>;
  state: 'waiting' | 'running' | 'left';
}

/** Empty lanes; `limits` says how many of a kind may run at once, in all and for one target. */
export function createLanes(limits: (use: LaneUse) => LaneLimits = limitsOf): Lanes {
  const counts = new Map<string, number>();
  const waiting = new Map<string, Place[]>();
  /** Those that run for long and are still counted as quick somewhere, oldest first. */
  const overdue = new Set<Place>();
  let running = 0;
  let queued = 0;

  function count({ use }: Place, scope: Scope, lane: Lane, by: 1 | -1): void {
    const name = use[scope];
    if (name === undefined) return;
    const key = `${lane} ${scope} ${name}`;
    const next = (counts.get(key) ?? 0) + by;
    if (next === 0) counts.delete(key);
    else counts.set(key, next);
  }

  function hasRoom({ use }: Place, scope: Scope, lane: Lane): boolean {
    const name = use[scope];
    return name === undefined || (counts.get(`${lane} ${scope} ${name}`) ?? 0) < limits(use)[scope][lane];
  }

  function start(place: Place): void {
    place.state = 'running';
    running += 1;
    for (const scope of SCOPES) count(place, scope, place.lane[scope], 1);
    place.use.start(place.ticket);
  }

  /** Starts what has room now, in order; what waits for a busy target lets the others pass. */
  function admit(key: string): void {
    const queue = waiting.get(key);
    if (queue === undefined) return;
    for (let index = 0; index < queue.length; ) {
      const place = queue[index];
      if (place === undefined || !hasRoom(place, 'kind', place.lane.kind)) break;
      if (!hasRoom(place, 'target', place.lane.target)) {
        index += 1;
        continue;
      }
      queue.splice(index, 1);
      queued -= 1;
      start(place);
    }
    if (queue.length === 0) waiting.delete(key);
  }

  /** Moves it to the slow lane as far as there is room; says whether that made room in the quick one. */
  function move(place: Place): boolean {
    let moved = false;
    for (const scope of SCOPES) {
      if (place.lane[scope] === 'slow' || !hasRoom(place, scope, 'slow')) continue;
      count(place, scope, 'quick', -1);
      count(place, scope, 'slow', 1);
      place.lane[scope] = 'slow';
      moved = true;
    }
    if (SCOPES.every((scope) => place.lane[scope] === 'slow')) overdue.delete(place);
    else overdue.add(place);
    return moved;
  }

  /** First for those that keep the quick ones from passing; room for a target may be what other kinds wait for. */
  function madeRoom({ use }: Place): void {
    for (const place of [...overdue]) {
      if (place.use.kind === use.kind || (use.target !== undefined && place.use.target === use.target))
        move(place);
    }
    if (queued === 0) return;
    // Admitting starts jobs, whose end may come here again: the list is of this moment.
    for (const key of use.target === undefined ? bothQueues(use.kind) : [...waiting.keys()]) admit(key);
  }

  function wait(place: Place): void {
    const key = queueOf(place);
    const queue = waiting.get(key) ?? [];
    waiting.set(key, queue);
    const behindUrgent = place.use.urgent ? queue.findIndex(({ use }) => !use.urgent) : -1;
    if (behindUrgent >= 0) queue.splice(behindUrgent, 0, place);
    else queue.push(place);
    queued += 1;
  }

  function leave(place: Place): void {
    const { state } = place;
    place.state = 'left';
    if (state === 'running') {
      running -= 1;
      overdue.delete(place);
      for (const scope of SCOPES) count(place, scope, place.lane[scope], -1);
      madeRoom(place);
    } else if (state === 'waiting') {
      const queue = waiting.get(queueOf(place));
      const index = queue?.indexOf(place) ?? -1;
      if (index >= 0) {
        queue?.splice(index, 1);
        queued -= 1;
      }
    }
  }

  return {
    enter(use) {
      const lane = use.slow ? 'slow' : 'quick';
      const ticket: LaneTicket = {
        turnSlow() {
          if (place.state === 'running' && move(place)) madeRoom(place);
        },
        leave: () => leave(place),
      };
      const place: Place = { use, ticket, lane: { kind: lane, target: lane }, state: 'waiting' };
      if (SCOPES.every((scope) => hasRoom(place, scope, lane))) start(place);
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

function queueOf({ use }: Place): string {
  return `${use.slow ? 'slow' : 'quick'} ${use.kind}`;
}

function bothQueues(kind: string): readonly string[] {
  return [`quick ${kind}`, `slow ${kind}`];
}
