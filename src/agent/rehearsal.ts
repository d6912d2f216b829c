import type { Kinds } from '../config/kinds.ts';
import { step } from '../engine/engine.ts';
import { newEntry } from '../engine/notices/delivery.ts';
import { changedParts, servicePart } from '../engine/state/parts.ts';
import { restoreState } from '../engine/state/restore.ts';
import type { Host } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import type { Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import { createCounters } from '../telemetry/counters.ts';
import { checkKey } from './check-key.ts';
import { createCore } from './core.ts';
import { createDispatcher } from './dispatcher.ts';
import { createFigures } from './figures.ts';
import { judgeOf } from './judge-kind.ts';
import { createMasking } from './masking.ts';
import { openFleetingMemory } from './open-memory.ts';
import { operate } from './operate.ts';
import { createScheduler } from './schedule/scheduler.ts';
import { createNews } from './wiring/news.ts';
import { createWatching } from './wiring/watching.ts';

/** What is started: it does nothing, costs next to nothing, and is on every machine. */
const PROGRAM = '/bin/true';
/** Milliseconds after which a rehearsal is left as it is. */
const PATIENCE = 2000;

/**
 * Goes once through what happens from a death to a start command: in a world of its own, of one service that is down
 * and is started by a program that does nothing. Nobody hears of it and nothing of it stays but code that is compiled
 * and memory that is mapped: the first repair that counts would wait for both, longer than for everything else in it.
 */
export async function rehearseRepair(parts: {
  readonly host: Host;
  readonly kinds: Kinds;
  readonly onBug: (error: unknown, about: string) => void;
}): Promise<void> {
  const { host, kinds, onBug } = parts;
  const { clock } = host;
  if (!(await host.files.exists(PROGRAM))) return;
  const { name } = rehearsed;
  const opened = openFleetingMemory(stage);
  if (!opened.ok) return;
  const { memory } = opened;
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
    store: memory.store,
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
    operate: (service, operation, signal) => operate({ host, desk, onBug }, service, operation, signal),
    capture: async () => ({ summary: '' }),
    append: async () => {},
    deliver() {},
    tell,
    onBug,
    after: (ms, run) => clock.after(ms, run),
    dryRun: undefined,
  });

  function tell(...inputs: readonly Input[]): void {
    for (const input of inputs) {
      watching.heed(input);
      figures.countInput(input);
    }
    core.apply(...inputs.map((input) => masking.mask(input)));
  }

  watching.open(stage);
  watching.configure(stage);
  core.reconfigure(stage, 'start');
  scheduler.start();
  await new Promise<void>((resolve) => {
    const late = clock.after(PATIENCE, resolve);
    dispatcher.onFinished(() => {
      late.cancel();
      resolve();
    });
    scheduler.nudge(checkKey(name, 'alive'));
  });
  await Promise.all([scheduler.stop(), dispatcher.stop(0)]);
  watching.close();
  core.stop();
}

const rehearsed: Service = {
  name: 'rehearsal',
  manager: {
    kind: 'commands',
    options: {
      // A folder of the kernel in which nobody can put such a file.
      pidfile: '/proc/watcher-rehearsal.pid',
      start: { argv: [PROGRAM], shell: false, env: {}, timeout: 1000 },
    },
  },
  groups: [],
  labels: {},
  dependsOn: [],
  mode: 'active',
  budget: { attempts: 1, window: 60_000, backoff: { min: 0, max: 0 }, hold: 0, retryTimes: 0 },
  startTimeout: 1,
  stopTimeout: 1,
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
