import type { Answered } from '../control/answered.ts';
import type { AgentInfo, ReloadAnswer } from '../control/api.ts';
import { type ControlServer, startControlServer } from '../control/server.ts';
import type { ControlSurface } from '../control/surface.ts';
import { createRedactor } from '../lib/redactor.ts';
import { checkKey } from './check-key.ts';
import { createCleanup } from './cleanup.ts';
import { openFleetingMemory, openMemory } from './open-memory.ts';
import type { AgentOptions, StartFailure } from './options.ts';
import { createReloading } from './reload.ts';
import { createRig, type Rig } from './rig.ts';
import { createSurface } from './surface.ts';
import { tendStore } from './tend-store.ts';

/** The running agent. */
export interface Agent {
  /** Reads the rules, opens the state, serves the socket, begins to watch. Whatever fails is undone. */
  start(): Promise<
    { readonly ok: true; readonly info: AgentInfo } | { readonly ok: false; readonly failure: StartFailure }
  >;
  /** Ends cleanly: lets what is under way end for a moment, saves everything. Once only; more calls wait for the same end. */
  stop(reason: string): Promise<void>;
  reload(by: string): Promise<Answered<ReloadAnswer>>;
  /** Runs every check now, out of turn. */
  checkNow(): void;
  /** What the control socket offers, for whoever is in the same process (the live summary of `watcher run`). */
  surface(): ControlSurface | undefined;
  /** Resolves when the agent has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}

/** An agent that does nothing before `start`. Mistakes of its own go to the log, failures to start to whoever starts it. */
export function createAgent(options: AgentOptions): Agent {
  const { host, logger } = options;
  const cleanup = createCleanup((name, error) => onBug(error, `stopping ${name}`));
  let rig: Rig | undefined;
  let surface: ControlSurface | undefined;
  let server: ControlServer | undefined;
  let startedAt = 0;
  let stopping: Promise<void> | undefined;
  let starting: Promise<unknown> | undefined;
  let stopAsked = (): void => {};
  const asked = new Promise<undefined>((resolve) => {
    stopAsked = () => resolve(undefined);
  });
  let finished = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    finished = resolve;
  });

  const reloading = createReloading({
    ...options,
    rig: () => rig,
    stopping: () => stopping !== undefined,
  });
  const { reload } = reloading;

  function onBug(error: unknown, about: string): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logger.error(`a mistake in watcher itself, in ${about}; please report it: ${detail}`);
  }

  function info(running: Rig): AgentInfo {
    const { config, state } = running.core;
    const health = running.memory.store.health();
    return {
      version: options.version,
      pid: host.self.pid,
      host: config.hostName,
      startedAt,
      config: config.file ?? 'the embedded default',
      stateDir: config.stateDir,
      socket: config.socket,
      ...(state.trust.trusted ? {} : { distrust: state.trust.reason ?? 'no reason given' }),
      ...(reloading.refused === undefined ? {} : { reloadRefused: reloading.refused }),
      ...(health.durable ? {} : { stateTrouble: health.reason }),
      undelivered: running.memory.outbox.size,
      missedRuns: running.scheduler.stats().missed,
    };
  }

  function start(): ReturnType<Agent['start']> {
    const started = startOnce();
    starting = started.catch(() => {});
    return started;
  }

  /** It may be asked to stop at any await: what was made by then is undone, and nothing more is made. */
  async function startOnce(): ReturnType<Agent['start']> {
    // Rules may lie on a mount whose server is gone: whoever stops it does not wait for that.
    const loaded = await Promise.race([options.load(), asked]);
    if (loaded === undefined || stopping !== undefined) return stoppedBefore();
    const { config } = loaded;
    if (config === undefined) {
      return {
        ok: false,
        failure: { family: 'configuration', report: loaded.report, summary: loaded.summary },
      };
    }
    if (loaded.report !== '') logger.warn(loaded.report);
    logger.configure({ level: config.log.level, redact: createRedactor(config.secrets) });
    // The socket goes last when the agent stops: whoever waits for its end waits for the socket to vanish.
    cleanup.add('the control socket', () => server?.close());
    const opened = await (options.dryRun === true ? openFleetingMemory(config) : openMemory(config, host));
    if (!opened.ok) return { ok: false, failure: { family: 'state', failure: opened.failure } };
    const { memory } = opened;
    cleanup.add('the store', () => memory.store.close());
    if (stopping !== undefined) return stoppedBefore();
    const running = createRig({ ...options, config, memory, onBug });
    rig = running;
    surface = surfaceOf(running);
    if (options.dryRun !== true) {
      const served = await startControlServer(config.socket, surface, (error) =>
        onBug(error, 'the control socket'),
      );
      if (!served.ok) {
        await cleanup.run();
        return { ok: false, failure: { family: 'socket', failure: served.failure } };
      }
      server = served.value;
    }
    if (stopping !== undefined) return stoppedBefore();
    startedAt = host.clock.instant().wall;
    cleanup.add('watching', () => running.stop());
    tendStore(running, { clock: host.clock, cleanup, stopping: () => stopping !== undefined, onBug });
    running.start();
    for (const text of memory.store.notes) running.tell({ type: 'state-damaged', text });
    reloading.inForce(loaded, config);
    options.unit?.ready({
      summary: surface.summary,
      follow: surface.follow,
      behind: running.scheduler.behind,
    });
    return { ok: true, info: info(running) };
  }

  async function stoppedBefore(): ReturnType<Agent['start']> {
    await cleanup.run();
    return { ok: false, failure: { family: 'stopped' } };
  }

  function surfaceOf(running: Rig): ControlSurface {
    return createSurface({
      ...running.forSurface(),
      info: () => info(running),
      reload,
      quit: (by) => {
        logger.info(`asked to stop by ${by}`);
        // The answer goes out first.
        setImmediate(() => void stop(`asked to by ${by}`));
      },
      stopping: () => stopping !== undefined,
      loadedAt: () => reloading.loadedAt,
    });
  }

  async function stopOnce(reason: string): Promise<void> {
    options.unit?.stopping();
    stopAsked();
    await starting;
    reloading.stop();
    const at = host.clock.instant().wall;
    rig?.publish([{ at, type: 'agent-stopped', service: '', text: reason }]);
    await cleanup.run();
    finished();
  }

  function stop(reason: string): Promise<void> {
    stopping ??= stopOnce(reason);
    return stopping;
  }

  function checkNow(): void {
    for (const { name, checks } of rig?.core.config.services ?? []) {
      for (const check of checks) rig?.scheduler.nudge(checkKey(name, check.name));
    }
  }

  return { start, stop, reload, checkNow, surface: () => surface, stopped };
}
