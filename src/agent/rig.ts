import { step } from '../engine/engine.ts';
import { newEntry } from '../engine/notices/delivery.ts';
import { changedParts, servicePart } from '../engine/state/parts.ts';
import { restoreState } from '../engine/state/restore.ts';
import { why } from '../engine/why/why.ts';
import { createRedactor, type Redactor } from '../lib/redactor.ts';
import { getFromShelf } from '../lib/shelf.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import type { Store } from '../state/store.ts';
import { createCounters } from '../telemetry/counters.ts';
import { printableConfig } from '../telemetry/printable-config.ts';
import { redactNotice } from '../telemetry/redact-notice.ts';
import { redactValue } from '../telemetry/redact-value.ts';

import { carryOutCommand } from './command-desk.ts';
import { type Core, createCore } from './core.ts';
import { createDispatcher } from './dispatcher.ts';
import { createFigures } from './figures.ts';
import { createHeadStart } from './head-start.ts';
import { judgeOf } from './judge-kind.ts';
import { createMasking } from './masking.ts';
import type { Memory } from './open-memory.ts';
import { operate } from './operate.ts';
import type { AgentOptions } from './options.ts';
import { rehearseRepairs } from './rehearsal.ts';
import { createRounds } from './schedule/rounds.ts';
import { createScheduler, type Scheduler } from './schedule/scheduler.ts';
import type { SurfaceParts } from './surface.ts';
import { createEvidence } from './wiring/evidence.ts';
import { createNews } from './wiring/news.ts';
import { createNotices, rehearseNotices } from './wiring/notices.ts';
import { createWatching } from './wiring/watching.ts';

/** All moving parts of an agent, wired to one another. */
export interface Rig {
  readonly core: Core;
  readonly scheduler: Scheduler;
  readonly memory: Memory;
  tell(...inputs: readonly Input[]): void;
  publish(events: readonly Event[]): void;
  /** Another configuration comes into force, all at once. */
  configure(config: Config): void;
  start(): void;
  stop(): Promise<void>;
  forSurface(): Omit<SurfaceParts, 'info' | 'reload' | 'quit' | 'loadedAt' | 'stopping'>;
}

export interface RigParts extends AgentOptions {
  readonly config: Config;
  readonly memory: Memory;
  readonly onBug: (error: unknown, about: string) => void;
}

/** Operations that are under way when the agent stops get so many milliseconds to end. */
const STOP_PATIENCE = 5000;
/** Milliseconds from a start or reload until what it needs itself is done. */
const SETTLED = 1000;
/** Repairs that are gone through: until V8 has compiled what happens in one, and once memory was given back, to map it again. */
const REHEARSALS = { first: 10, again: 2 };

/** Milliseconds after a repair and its evidence, in which what they led to is saved and told. */
const TIDY_AFTER = 100;

/** Wires everything up over the given memory; nothing runs before `start`. */
export function createRig(parts: RigParts): Rig {
  const { host, kinds, memory, logger, onBug } = parts;
  const { clock } = host;
  const dryRun = parts.dryRun === true;
  const counters = createCounters();
  const scheduler = createScheduler({ clock, calendar: host.calendar, onBug });
  const figures = createFigures({ host, counters, scheduler, oldestUndelivered: memory.outbox.oldest });
  let byName = index(parts.config);
  let stopped = false;
  let preparing = false;
  let rehearsed = false;
  let tidying = false;
  const rehearsing = new AbortController();
  let secrets = createRedactor(parts.config.secrets);
  const redact: Redactor = (text) => secrets(text);
  const masking = createMasking(redact);
  const news = createNews({ events: memory.events, figures, logger, redact });
  const judge = masking.judgeBy(judgeOf(kinds.checks));
  const core = createEngineCore();
  const watching = createWatching({
    host,
    kinds,
    core,
    scheduler,
    serviceOf: (name) => byName.get(name),
    nudges: () => parts.nudges !== false && core.config.nudges !== false,
    tell,
    onPassedOver: figures.countPassedOver,
    onBug,
  });
  const { desk, jobs } = watching;
  const evidence = createEvidence({
    host,
    desk,
    shelf: memory.evidence,
    exhibits: jobs.exhibits,
    redact,
    logger,
  });
  const noticesParts = { host, kinds: kinds.notifiers, core, memory, evidence, counters, logger, onBug };
  const notices = dryRun ? rehearseNotices(noticesParts) : createNotices(noticesParts);
  const dispatcher = createDispatcher({
    serviceOf: (name) => byName.get(name),
    scheduler,
    // What a command printed may be what it was given in secret: nothing of it goes further as it is.
    async operate(service, operation, signal, decidedOn) {
      const result = await operate({ host, desk, onBug }, service, operation, signal, decidedOn);
      // A host that goes down ends what is under way, and that is no failure of the repair.
      if (!result.ok) await watching.hostEnd.look();
      return redactValue(result, redact);
    },
    reportOf: (name) => getFromShelf(core.state.services, name)?.report,
    ...evidence,
    deliver: notices.deliver,
    tell,
    onBug,
    after: (ms, run) => clock.after(ms, run),
    onCutShort: (text) => logger.warn(text),
    dryRun: dryRun ? (what) => logger.info(`dry run: ${what}`) : undefined,
    onRepaired: tidyUpSoon,
  });
  const headStart = createHeadStart({ core, dispatcher, judge });
  const { outbox } = memory;
  const rounds = createRounds({ host, core, scheduler, ...watching, outbox, tell, logger, dryRun, onBug });

  function createEngineCore(): Core {
    const { config } = parts;
    return createCore({
      clock,
      config,
      state: restoreState(storedIn(memory.store), clock.instant(), (key) =>
        logger.warn(`the stored state of ${key} is damaged and was left out`),
      ),
      store: memory.store,
      step: (rules, state, input, now) => step(rules, state, input, now, judge),
      changedParts,
      servicePart,
      outboxEntry: (notice, now) =>
        memory.outbox.add((number) => newEntry(redactNotice(notice, redact), number, now)),
      onEvents: news.publish,
      inOrder: dryRun,
      onActions: (actions) => dispatcher.perform(actions),
      onBug,
    });
  }

  /** When the start is over, so that it does not wait for this. */
  function prepareRepairsSoon(): void {
    clock.after(SETTLED, () => void prepareRepairs());
  }

  /** Nothing is read, and nothing gone through, that no rule can use. */
  async function prepareRepairs(): Promise<void> {
    if (dryRun || stopped || preparing || host.prepareRepairs === undefined) return;
    if (!core.config.services.some(canRepair)) return;
    preparing = true;
    try {
      await host.prepareRepairs();
      // What it asks systemd it asks over a connection that is kept from then on.
      await watching.hostEnd.look();
      const rehearse = async (): Promise<void> => {
        const times = rehearsed ? REHEARSALS.again : REHEARSALS.first;
        if (await rehearseRepairs({ host, kinds, onBug }, times, rehearsing.signal)) rehearsed = true;
      };
      await (host.rehearse?.(rehearse) ?? rehearse());
    } catch (error) {
      onBug(error, 'preparing for repairs');
    } finally {
      preparing = false;
    }
  }

  /** A repair makes nearly as much as V8 collects at once: many would meet the collection. */
  function tidyUpSoon(): void {
    if (dryRun || tidying || host.tidyUp === undefined) return;
    tidying = true;
    clock.after(TIDY_AFTER, () => {
      tidying = false;
      // Another one that is under way is followed by this, too.
      if (!stopped && dispatcher.running === 0) host.tidyUp?.();
    });
  }

  function tell(...inputs: readonly Input[]): void {
    for (const input of inputs) {
      watching.heed(input);
      figures.countInput(input);
    }
    headStart.apply(inputs.map((input) => masking.mask(input)));
  }

  return {
    core,
    scheduler,
    memory,
    tell,
    publish(events) {
      core.catchUp();
      core.tellEvents();
      news.publish(events);
    },
    configure(config) {
      // By the rules that were in force when it began.
      core.catchUp();
      core.tellEvents();
      byName = index(config);
      secrets = createRedactor(config.secrets);
      memory.follow(config);
      watching.open(config);
      core.reconfigure(config, 'reload');
      watching.configure(config);
      rounds.configure();
      notices.configure(config);
      prepareRepairsSoon();
      counters.keep('repairs', ({ service = '' }) => byName.has(service));
    },
    start() {
      const { config } = parts;
      watching.open(config);
      watching.configure(config);
      // Whatever an earlier agent distrusted is over; what is wrong now shows at once.
      if (!core.state.trust.trusted) core.apply({ type: 'trust', trusted: true });
      core.reconfigure(config, 'start');
      rounds.configure();
      scheduler.start();
      notices.configure(config);
      prepareRepairsSoon();
      parts.onMemoryReleased?.(() => void prepareRepairs());
    },
    async stop() {
      stopped = true;
      rehearsing.abort();
      // Before anything is waited for: whoever loses patience with the agent loses nothing of this.
      core.flush();
      await Promise.all([scheduler.stop(), dispatcher.stop(STOP_PATIENCE), notices.stop()]);
      rounds.stop();
      watching.close();
      core.stop();
      core.flush();
    },
    forSurface: () => ({
      clock,
      kinds: kinds.checks,
      core,
      scheduler,
      jobs,
      events: memory.events,
      evidence: memory.evidence,
      figures: figures.now,
      tell,
      follow: news.follow,
      command: (request, stopping) => carryOutCommand(request, { core, dispatcher, stopping }),
      why: (service, check) => why(core.config, core.state, service, check, clock.instant()),
      redact,
      printable: (config) => printableConfig(config, redact),
    }),
  };
}

/** What an earlier agent left of the engine's state. */
function* storedIn(store: Store): Generator<readonly [string, unknown]> {
  const engine = store.get('engine');
  if (engine !== undefined) yield ['engine', engine];
  yield* store.entries('service/');
  yield* store.entries('incident/');
}

function index(config: Config): ReadonlyMap<string, Service> {
  return new Map(config.services.map((service) => [service.name, service]));
}

function canRepair({ checks }: Service): boolean {
  return checks.some(({ repair }) => repair.length > 0);
}
