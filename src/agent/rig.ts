import { step } from '../engine/engine.ts';
import { newEntry } from '../engine/notices/delivery.ts';
import { changedParts, servicePart } from '../engine/state/parts.ts';
import { restoreState } from '../engine/state/restore.ts';
import { why } from '../engine/why/why.ts';
import { createRedactor } from '../lib/redactor.ts';
import { mainsOf } from '../managers/together.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';
import { createCounters } from '../telemetry/counters.ts';
import { logEvent } from '../telemetry/log-event.ts';
import { redactNotice } from '../telemetry/redact-notice.ts';
import { redactValue } from '../telemetry/redact-value.ts';
import { checkKey } from './check-key.ts';
import { carryOutCommand } from './command-desk.ts';
import { type Core, createCore } from './core.ts';
import { createDeathWatch } from './death-watch.ts';
import { createDeliverer } from './deliverer.ts';
import { createDispatcher } from './dispatcher.ts';
import { createHostEnd } from './doubt/host-end.ts';
import { createSelfWatch } from './doubt/self-watch.ts';
import { createUplink } from './doubt/uplink.ts';
import { captureEvidence } from './evidence/evidence.ts';
import { createFigures } from './figures.ts';
import { createHolding } from './holding.ts';
import { judgeOf } from './judge-kind.ts';
import { createManagerDesk } from './manager-desk.ts';
import { createMasking } from './masking.ts';
import type { Memory } from './open-memory.ts';
import { operate } from './operate.ts';
import type { AgentOptions } from './options.ts';
import { createJobs, type Jobs } from './schedule/jobs.ts';
import { createRounds } from './schedule/rounds.ts';
import { createScheduler, type Scheduler } from './schedule/scheduler.ts';
import type { SurfaceParts } from './surface.ts';

/** All moving parts of an agent, wired to one another. */
export interface Rig {
  readonly core: Core;
  readonly scheduler: Scheduler;
  readonly jobs: Jobs;
  readonly memory: Memory;
  tell(input: Input): void;
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

export function createRig(parts: RigParts): Rig {
  const { host, kinds, memory, logger, onBug } = parts;
  const { clock } = host;
  const { store, outbox } = memory;
  const counters = createCounters();
  const followers = new Set<(event: Event) => void>();
  let redact = createRedactor(parts.config.secrets);
  let byName = index(parts.config);

  const scheduler = createScheduler({ clock, calendar: host.calendar, onBug });
  const figures = createFigures({ host, counters, scheduler, oldestUndelivered: () => outbox.oldest() });
  const masking = createMasking((text) => redact(text));
  const judge = masking.judgeBy(judgeOf(kinds.checks));
  const at = clock.instant();
  const core = createCore({
    clock,
    config: parts.config,
    state: restoreState(stored(), parts.config, at, (key) =>
      logger.warn(`the stored state of ${key} is damaged and was left out`),
    ),
    store,
    step: (config, state, input, now) => step(config, state, input, now, judge),
    changedParts,
    servicePart,
    outboxEntry: (notice, now) => outbox.add((number) => newEntry(redactNotice(notice, redact), number, now)),
    onEvents: publish,
    onActions: (actions) => dispatcher.perform(actions),
    onBug,
  });

  function* stored(): Generator<readonly [string, unknown]> {
    const engine = store.get('engine');
    if (engine !== undefined) yield ['engine', engine];
    yield* store.entries('service/');
    yield* store.entries('incident/');
  }

  function tell(input: Input): void {
    // A stall or a jump of the clock must be known before what it spoiled is believed.
    if (input.type === 'observed' && input.result.outcome !== 'read') selfWatch.look();
    if (input.type === 'reported' && desk.managerOf(input.service)?.follow === undefined) {
      deathWatch.follow(input.service, mainsOf(input.report));
    }
    figures.countInput(input);
    if (input.type === 'observed') followReading(input);
    core.apply(masking.mask(input));
  }

  /** A service without a manager has its process watched by what its own vital check found. */
  function followReading({ service, check, result }: Extract<Input, { type: 'observed' }>): void {
    const rules = byName.get(service);
    if (rules?.manager !== undefined || !rules?.checks.some(({ name, vital }) => vital && name === check))
      return;
    const pid = result.outcome === 'read' ? result.reading['pid'] : undefined;
    const main = typeof pid === 'number' ? host.processes.identify(pid) : undefined;
    deathWatch.follow(service, main === undefined ? [] : [main]);
  }

  function publish(events: readonly Event[]): void {
    const clean = events.map((event) => ({ ...event, text: redact(event.text) }));
    memory.events.append(clean);
    for (const event of clean) {
      figures.countEvent(event);
      logEvent(logger, event);
      for (const told of followers) told(event);
    }
  }

  /** Something happened to a service: its main process is looked at now, not at its next turn. */
  function nudge(service: string): void {
    if (parts.nudges === false || core.config.nudges === false) return;
    const checks = byName.get(service)?.checks ?? [];
    const vital = checks.filter((check) => check.vital);
    for (const { name } of vital.length > 0 ? vital : checks) scheduler.nudge(checkKey(service, name));
  }

  /** A dry run tells nobody: it says whom it would tell. */
  function sayNotices(): void {
    for (const entry of outbox.all()) {
      logger.info(`dry run: would tell ${entry.notice.notifier}: ${entry.notice.title}`);
      outbox.remove(entry);
    }
  }

  function prepareNotices({ notifiers }: Config): void {
    if (Object.keys(notifiers).length === 0) return;
    host.prepareNotices?.().catch((error: unknown) => onBug(error, 'reading the code that carries notices'));
  }

  const desk = createManagerDesk({ host, kinds: kinds.managers, onChange: nudge, onBug });
  const deathWatch = createDeathWatch(host.deaths, (service) => {
    desk.forget(service);
    nudge(service);
  });
  const holding = createHolding({ host, tell });
  const uplink = createUplink(host);
  const selfWatch = createSelfWatch({
    host,
    tell: (input) => core.apply(input),
    onJump: () => scheduler.realign(),
  });
  const hostEnd = createHostEnd(host, (reason) => selfWatch.doubt('host', reason));
  const jobs = createJobs({
    host,
    kinds: kinds.checks,
    core,
    desk,
    scheduler,
    holding,
    uplink,
    hostEnd,
    tell,
    onBug,
  });
  const deliverer = createDeliverer({
    clock,
    outbox,
    config: () => core.config,
    sync: () => store.sync(),
    send(notifier, notice, attempt) {
      const kind = kinds.notifiers[notifier.kind];
      if (kind === undefined) throw new Error(`no notifier is called ${notifier.kind}`);
      const options = notifier.options as never;
      return kind.send(notice, { ...attempt, options, host, evidence: (name) => memory.evidence.read(name) });
    },
    tell: (input) => core.apply(input),
    counters,
    logger,
    onBug,
  });
  const dispatcher = createDispatcher({
    serviceOf: (name) => byName.get(name),
    scheduler,
    // What a command printed may be what it was given in secret: nothing of it goes further as it is.
    operate: async (service, operation, signal) =>
      redactValue(await operate({ host, desk, onBug }, service, operation, signal), redact),
    capture: (service, occasion, name) =>
      captureEvidence(
        {
          host,
          desk,
          shelf: memory.evidence,
          redact: (text) => redact(text),
          exhibits: (of) => jobs.exhibits(of),
          onTrouble: (text) => logger.warn(text),
        },
        service,
        occasion,
        name,
      ),
    append: (name, text) => memory.evidence.append(name, text),
    deliver: () => (parts.dryRun === true ? sayNotices() : deliverer.wake()),
    tell,
    onBug,
    after: (ms, run) => clock.after(ms, run),
    dryRun: parts.dryRun === true ? (what) => logger.info(`dry run: ${what}`) : undefined,
  });
  const rounds = createRounds({
    host,
    core,
    scheduler,
    selfWatch,
    hostEnd,
    uplink,
    outbox,
    tell,
    logger,
    dryRun: parts.dryRun === true,
    onBug,
  });

  return {
    core,
    scheduler,
    jobs,
    memory,
    tell,
    publish,
    configure(config) {
      byName = index(config);
      redact = createRedactor(config.secrets);
      memory.follow(config);
      desk.configure(config.services);
      core.reconfigure(config, 'reload');
      for (const name of holding.known()) holding.forget(name);
      jobs.configure(config);
      for (const name of deathWatch.watched()) if (!byName.has(name)) deathWatch.follow(name, []);
      rounds.configure();
      prepareNotices(config);
      deliverer.wake();
    },
    start() {
      desk.configure(parts.config.services);
      jobs.configure(parts.config);
      // Whatever an earlier agent distrusted is over; what is wrong now shows at once.
      if (!core.state.trust.trusted) core.apply({ type: 'trust', trusted: true });
      core.reconfigure(parts.config, 'start');
      rounds.configure();
      scheduler.start();
      if (parts.dryRun === true) return;
      prepareNotices(parts.config);
      deliverer.wake();
    },
    async stop() {
      await Promise.all([scheduler.stop(), dispatcher.stop(STOP_PATIENCE), deliverer.stop()]);
      rounds.stop();
      deathWatch.close();
      desk.close();
      core.stop();
      core.flush();
    },
    forSurface: () => ({
      clock,
      kinds: kinds.checks,
      core,
      scheduler,
      events: memory.events,
      evidence: memory.evidence,
      figures: figures.now,
      tell,
      follow(told) {
        followers.add(told);
        return () => followers.delete(told);
      },
      command: (request, stopping) => carryOutCommand(request, { core, dispatcher, stopping }),
      why: (service, check) => why(core.config, core.state, service, check, clock.instant()),
      redact: (text) => redact(text),
      printable: ({ secrets: _, ...config }) => JSON.parse(redact(JSON.stringify(config))) as unknown,
    }),
  };
}

function index(config: Config): ReadonlyMap<string, Service> {
  return new Map(config.services.map((service) => [service.name, service]));
}
