import type { Host } from '../../host/host.ts';
import { pause } from '../../host/time/pause.ts';
import { type Container, type ContainerApi, type ContainerEvent, filtersQuery } from './container-api.ts';
import { type ContainerEnd, endFacts, endIn, graceOf, type Span } from './container-end.ts';

/** How containers came to their end, as long as somebody knows it. */
export interface ContainerHistory {
  endOf(container: Container): Promise<ContainerEnd>;
  /** It runs: how it ended before is of no interest any more. */
  forget(id: string): void;
  /** The watcher itself sends it a HUP with this. */
  reloading<T>(reload: () => Promise<T>): Promise<T>;
  /** The engine's event stream broke: it may be ending, and containers with it. */
  engineLost(): void;
}

/** So many events Docker remembers (moby, daemon/events/events.go, `eventsLimit`). */
const mostRemembered = 256;
const told = ['start', 'restart', 'stop', 'kill', 'die', 'died', 'cleanup'];
/** An engine tells of a stop a moment after the end of the container. */
const stopToldWithin = 1_500;
const mostKnown = 500;
/** An event of the watcher's own may be stamped so much before it asked or after it was answered, milliseconds. */
const stampedAround = 200;

/**
 * Docker remembers the last 256 events of all containers until it ends, Podman keeps a file. So what they once told of an
 * end is kept as long as the container is down.
 */
export function containerHistory(
  host: Host,
  api: ContainerApi,
  engine: 'Docker' | 'Podman',
): ContainerHistory {
  const known = new Map<string, { readonly finishedAt: string; readonly end: ContainerEnd }>();
  let ownReload: Span | undefined;
  let lostAt: number | undefined;
  const wall = () => host.clock.instant().wall;

  /**
   * Up to now, in seconds, and to the end of this millisecond, in which the end that is asked about may lie. Docker answers at
   * once where that is over when it is asked, and else only when it comes (moby, api/server/router/system); Podman, which
   * always answers at once, reads no parts of a second.
   */
  function untilNow(): string {
    return engine === 'Docker' ? (wall() / 1000 + 0.001).toFixed(3) : String(Math.ceil(wall() / 1000) + 1);
  }

  async function events(container: Container): Promise<readonly ContainerEvent[]> {
    const startedAt = Date.parse(container.State.StartedAt);
    const since = startedAt > 0 ? ((startedAt - 1) / 1000).toFixed(3) : '0';
    const query = filtersQuery({ container: [container.Id], type: ['container'], event: told });
    const answer = await api.text(`/events?stream=false&since=${since}&until=${untilNow()}&${query}`);
    // Of a list that was cut the end is missing, and with it what counts.
    if (!answer.ok || answer.truncated === true) return [];
    return answer.value
      .split('\n')
      .flatMap(eventIn)
      .filter(({ Actor: actor }) => actor.ID === container.Id);
  }

  async function ask(container: Container): Promise<ContainerEnd> {
    const facts = { ...endFacts(container), engine, ownReload };
    const first = await events(container);
    const end = endIn(first, facts);
    if (end === 'by-hand') return (await isLeftover(first)) ? 'after-the-engine' : end;
    // Docker forgets nothing that soon: by its clock, which may be another machine's, it is still to come.
    const isEarly = end === 'by-itself-late' || (end === 'forgotten' && engine === 'Docker');
    if (!isEarly || wall() - (facts.finishedAt ?? 0) > stopToldWithin) return end;
    await pause(host.clock, stopToldWithin);
    return endIn(await events(container), facts);
  }

  /**
   * Whether what looks like a stop was the engine's own: a Docker that was killed leaves its containers running, and the
   * next one ends them before it answers anybody, with the same events as for `docker stop`. It knows nothing of their
   * start, then, although it has forgotten nothing yet; with live restore it would have let them run.
   */
  async function isLeftover(end: readonly ContainerEvent[]): Promise<boolean> {
    if (engine !== 'Docker' || end.some(({ Action: action }) => action === 'start')) return false;
    const all = await api.text(`/events?stream=false&since=0&until=${untilNow()}`);
    if (!all.ok || all.truncated === true) return false;
    if (all.value.split('\n').flatMap(eventIn).length >= mostRemembered) return false;
    const info = await api.get<{ readonly LiveRestoreEnabled?: boolean }>('/info');
    return info.ok && info.value.LiveRestoreEnabled === false;
  }

  /** Whether it ended while its engine did: Docker stops its containers before it ends, and then knows nothing of them. */
  function endedWithEngine(container: Container): boolean {
    const { finishedAt, stopTimeout } = endFacts(container);
    if (lostAt === undefined || finishedAt === undefined) return false;
    const grace = graceOf({ stopTimeout });
    return finishedAt > lostAt - grace && finishedAt < lostAt + grace;
  }

  function remember(id: string, finishedAt: string, end: ContainerEnd): void {
    known.delete(id);
    known.set(id, { finishedAt, end });
    const [oldest] = known.keys();
    // Of containers that were removed nobody tells.
    if (oldest !== undefined && known.size > mostKnown) known.delete(oldest);
  }

  return {
    async endOf(container) {
      const { Id: id, State: state } = container;
      const before = known.get(id);
      if (before?.finishedAt === state.FinishedAt) return before.end;
      const asked = await ask(container);
      const end = asked === 'forgotten' && endedWithEngine(container) ? 'with-the-engine' : asked;
      const settled = wall() - Date.parse(state.FinishedAt) > stopToldWithin;
      const certain = end === 'by-hand' || end === 'with-the-engine' || end === 'after-the-engine';
      if (certain || (end !== 'forgotten' && settled)) remember(id, state.FinishedAt, end);
      return end;
    },
    forget: (id) => known.delete(id),
    async reloading(reload) {
      const from = wall() - stampedAround;
      ownReload = { from, to: Number.POSITIVE_INFINITY };
      try {
        return await reload();
      } finally {
        ownReload = { from, to: wall() + stampedAround };
      }
    },
    engineLost() {
      lostAt = wall();
    },
  };
}

function eventIn(line: string): readonly ContainerEvent[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as ContainerEvent];
  } catch {
    return [];
  }
}
