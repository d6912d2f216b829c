import type { Kinds } from '../config/kinds.ts';
import { step } from '../engine/engine.ts';
import { newEntry } from '../engine/notices/delivery.ts';
import { changedParts, servicePart } from '../engine/state/parts.ts';
import { restoreState } from '../engine/state/restore.ts';
import type { Host } from '../host/host.ts';
import { within } from '../host/time/within.ts';
import { getFromShelf } from '../lib/shelf.ts';
import type { Config } from '../model/config.ts';
import type { Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import { openNowhere } from '../state/journal-file.ts';
import { createCounters } from '../telemetry/counters.ts';
import { checkKey } from './check-key.ts';
import { createCore } from './core.ts';
import { createDispatcher } from './dispatcher.ts';
import { createFigures } from './figures.ts';
import { createHeadStart } from './head-start.ts';
import { judgeOf } from './judge-kind.ts';
import { createMasking } from './masking.ts';
import { openFleetingMemory } from './open-memory.ts';
import { operate } from './operate.ts';
import { rehearsedProcess } from './rehearsed-process.ts';
import { createScheduler } from './schedule/scheduler.ts';
import { createNews } from './wiring/news.ts';
import { createWatching } from './wiring/watching.ts';

/** What is started: it does nothing, costs next to nothing, and is on nearly every machine. */
const PROGRAM = '/bin/true';
/** Milliseconds after which a rehearsal is left as it is. */
const PATIENCE = 3000;
/** A folder of the kernel in which nobody can put such a file. */
const PID_FILE = '/proc/watcher-rehearsal.pid';

export interface RehearsalParts {
  readonly host: Host;
  readonly kinds: Kinds;
  readonly onBug: (error: unknown, about: string) => void;
}

/**
 * Goes through what happens from a death to a start command, so many times: in a world of its own, of one service whose
 * process nobody else sees, and which is started by a program that does nothing. Nobody hears of it and nothing of it stays
 * but code that is compiled and memory that is mapped: the first repair that counts would wait for both, longer than for
 * everything else in it. True where all of them were gone through.
 */
export async function rehearseRepairs(
  parts: RehearsalParts,
  times: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const { clock, files } = parts.host;
  // Elsewhere a command is started in another way, and a process is looked at in another way, too.
  if (parts.host.platform !== 'linux' || !(await files.exists(PROGRAM)) || signal?.aborted) return false;
  const world = openWorld(parts);
  if (world === undefined) return false;
  const over = new AbortController();
  const aborted = new Promise<boolean>((resolve) => {
    signal?.addEventListener('abort', () => resolve(false), { signal: over.signal });
  });
  const repairs = async (): Promise<boolean> => {
    for (let left = times; left > 0; left -= 1) await world.repair();
    return true;
  };
  try {
    return await within(clock, PATIENCE, Promise.race([repairs(), aborted]), false);
  } finally {
    over.abort();
    await world.close();
  }
}

interface World {
  /** The process dies, and is started again. */
  repair(): Promise<void>;
  close(): Promise<void>;
}

/** Wired up as an agent is, but without anything that would be told, kept or looked at. */
function openWorld({ host: real, kinds, onBug }: RehearsalParts): World | undefined {
  const process = rehearsedProcess(real, PID_FILE);
  const { commands } = real;
  const run: Host['commands']['run'] = async (...given) => {
    const result = await commands.run(...given);
    process.live();
    return result;
  };
  const host: Host = { ...process.host, commands: { ...commands, run } };
  const { clock } = host;
  const { name } = rehearsed;
  const opened = openFleetingMemory(stage);
  if (!opened.ok) return undefined;
  const { memory } = opened;
  // Everything is written down, as it would be.
  const journal = openNowhere();
  const masking = createMasking((text) => text);
  const scheduler = createScheduler({ clock, calendar: host.calendar, onBug });
  const figures = createFigures({
    host,
    counters: createCounters(),
    scheduler,
    oldestUndelivered: memory.outbox.oldest,
  });
  const logger = { error() {}, warn() {}, info() {}, debug() {} };
  const news = createNews({ events: memory.events, figures, logger, redact: (text) => text });
  const serviceOf = (wanted: string): Service | undefined => (wanted === name ? rehearsed : undefined);
  const judge = masking.judgeBy(judgeOf(kinds.checks));
  const core = createCore({
    clock,
    config: stage,
    state: restoreState([], clock.instant(), () => {}),
    store: {
      batch(changes) {
        memory.store.batch(changes);
        journal?.append(changes);
      },
    },
    step: (rules, state, input, now) => step(rules, state, input, now, judge),
    changedParts,
    servicePart,
    outboxEntry: (notice, now) => memory.outbox.add((number) => newEntry(notice, number, now)),
    onEvents: news.publish,
    onActions: (actions) => dispatcher.perform(actions),
    onBug,
  });
  const watching = createWatching({
    host,
    kinds,
    core,
    scheduler,
    serviceOf,
    nudges: () => true,
    tell,
    onPassedOver() {},
    onBug,
  });
  const { desk } = watching;
  const dispatcher = createDispatcher({
    serviceOf,
    scheduler,
    operate: (service, operation, signal, decidedOn) =>
      operate({ host, desk, onBug }, service, operation, signal, decidedOn),
    reportOf: (wanted) => getFromShelf(core.state.services, wanted)?.report,
    capture: async () => ({ summary: '' }),
    append: async () => {},
    deliver() {},
    tell,
    onBug,
    after: (ms, run) => clock.after(ms, run),
    dryRun: undefined,
  });

  const headStart = createHeadStart({ core, dispatcher, judge });

  function tell(...inputs: readonly Input[]): void {
    for (const input of inputs) {
      watching.heed(input);
      figures.countInput(input);
    }
    headStart.apply(inputs.map((input) => masking.mask(input)));
  }

  watching.open(stage);
  watching.configure(stage);
  core.reconfigure(stage, 'start');
  process.live();
  scheduler.start();
  scheduler.nudge(checkKey(name, 'alive'));

  /** Whether it is known to be up, and its death would be heard of. */
  const isReady = (): boolean =>
    process.isWatched && getFromShelf(core.state.services, name)?.checks['alive']?.state === 'up';

  function ready(): Promise<void> {
    return new Promise((resolve) => {
      if (isReady()) return resolve();
      const stop = core.onStep(() => {
        if (!isReady()) return;
        stop();
        resolve();
      });
    });
  }

  function finished(): Promise<void> {
    return new Promise((resolve) => {
      const stop = dispatcher.onFinished(() => {
        stop();
        resolve();
      });
    });
  }

  return {
    async repair() {
      await ready();
      const end = finished();
      process.die();
      await end;
    },
    async close() {
      core.catchUp();
      await Promise.all([scheduler.stop(), dispatcher.stop(0)]);
      watching.close();
      core.stop();
      journal?.close();
    },
  };
}

const rehearsed: Service = {
  name: 'rehearsal',
  manager: {
    kind: 'commands',
    options: {
      pidfile: PID_FILE,
      start: { argv: [PROGRAM], shell: false, env: {}, timeout: 1000 },
    },
  },
  groups: [],
  labels: {},
  dependsOn: [],
  mode: 'active',
  budget: { attempts: 100, window: 60_000, backoff: { min: 0, max: 0 }, hold: 0, retryTimes: 0 },
  startTimeout: 1000,
  stopTimeout: 1000,
  restartAfterDependency: false,
  holdWhile: [],
  evidence: { timeout: 1, commands: [] },
  checks: [
    {
      name: 'alive',
      kind: 'process',
      options: { pss: false },
      cadence: { every: 60_000 },
      timeout: 1000,
      expect: [],
      warn: [],
      failAfter: { count: 1, of: 1 },
      recoverAfter: { count: 1, of: 1 },
      severity: 'critical',
      repair: [{ kind: 'start' }],
      notify: [],
      escalate: [],
      unknownAfter: 60_000,
      labels: {},
      vital: true,
    },
  ],
};

const stage: Config = {
  hostName: '',
  stateDir: '',
  socket: '',
  services: [rehearsed],
  notifiers: {},
  notify: [],
  routes: [],
  maintenance: [],
  notices: { groupWait: 0 },
  maxRepairs: { host: 1, groups: {} },
  uplink: [],
  watchFiles: false,
  log: { level: 'error' },
  secrets: [],
};
