import { type Answered, refusal } from '../control/answered.ts';
import { type AgentInfo, API_VERSION, type ReloadAnswer } from '../control/api.ts';
import { type ControlServer, startControlServer } from '../control/server.ts';
import type { ControlSurface } from '../control/surface.ts';
import { createRedactor } from '../lib/redactor.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import { checkKey } from './check-key.ts';
import { createCleanup } from './cleanup.ts';
import { diffServices } from './diff-services.ts';
import { openFleetingMemory, openMemory } from './open-memory.ts';
import type { AgentOptions, Loaded, StartFailure } from './options.ts';
import { createRig, type Rig } from './rig.ts';
import { every } from './schedule/every.ts';
import { createSurface } from './surface.ts';
import { watchFiles } from './watch-files.ts';

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

/**
 * What passing checks alone change is saved a little every so many milliseconds, so that each service has its turn within
 * so many turns: thousands of services must neither stop the agent for a moment nor wear out the disk.
 */
const SAVE_EVERY = 2000;
const SAVE_TURNS = 300;
const TEND_EVERY = 5000;

export function createAgent(options: AgentOptions): Agent {
  const { host, logger } = options;
  const cleanup = createCleanup((name, error) => onBug(error, `stopping ${name}`));
  let rig: Rig | undefined;
  let surface: ControlSurface | undefined;
  let server: ControlServer | undefined;
  let startedAt = 0;
  let loadedAt = 0;
  let refused: AgentInfo['reloadRefused'];
  let reloading: Promise<Answered<ReloadAnswer>> | undefined;
  let stopping: Promise<void> | undefined;
  let unwatch = (): void => {};
  let finished = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    finished = resolve;
  });

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
      ...(refused === undefined ? {} : { reloadRefused: refused }),
      ...(health.durable ? {} : { stateTrouble: health.reason }),
      undelivered: running.memory.outbox.size,
      missedRuns: running.scheduler.stats().missed,
    };
  }

  function tellEvent(running: Rig, type: Event['type'], text: string): void {
    running.publish([{ at: host.clock.instant().wall, type, service: '', text }]);
  }

  async function start(): ReturnType<Agent['start']> {
    const loaded = await options.load();
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
    startedAt = host.clock.instant().wall;
    loadedAt = startedAt;
    cleanup.add('watching', () => running.stop());
    watchDisk(running);
    running.start();
    for (const text of memory.store.notes) running.tell({ type: 'state-damaged', text });
    followFiles(loaded, config);
    options.unit?.ready({
      summary: surface.summary,
      follow: surface.follow,
      behind: running.scheduler.behind,
    });
    return { ok: true, info: info(running) };
  }

  function watchDisk(running: Rig): void {
    const { store } = running.memory;
    const sayHealth = (): void => {
      const health = store.health();
      if (health.durable) tellEvent(running, 'state-saved', 'the state is saved again');
      else
        tellEvent(
          running,
          'state-not-saved',
          `the state cannot be saved (${health.reason}); the agent goes on from memory and tries again`,
        );
      tellSaving();
    };
    const tellSaving = (): void => {
      const health = store.health();
      // Not from within the saving that found it out.
      setImmediate(() => {
        if (stopping !== undefined) return;
        running.tell({ type: 'saving', ...(!health.durable && { trouble: health.reason }) });
      });
    };
    if (store.health().durable) tellSaving();
    else sayHealth();
    store.onHealth(sayHealth);
    const bug = (error: unknown): void => onBug(error, 'saving the state');
    cleanup.add(
      'tending the store',
      every(host.clock, TEND_EVERY, () => store.tend(), bug),
    );
    cleanup.add(
      'saving passing checks',
      every(
        host.clock,
        SAVE_EVERY,
        () => running.core.flush(Math.ceil(running.core.unsaved / SAVE_TURNS)),
        bug,
      ),
    );
  }

  function followFiles(loaded: Loaded, config: Config): void {
    unwatch();
    unwatch = config.watchFiles
      ? watchFiles(host, [...loaded.files, ...loaded.folders], () => void reload('a changed file'))
      : () => {};
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
      loadedAt: () => loadedAt,
    });
  }

  async function reloadOnce(by: string): Promise<Answered<ReloadAnswer>> {
    const running = rig;
    if (running === undefined || stopping !== undefined) return refusal('stopping', 'the agent is stopping');
    options.unit?.reloading();
    try {
      return await reloadRig(running, by);
    } finally {
      if (stopping === undefined) options.unit?.reloaded();
    }
  }

  async function reloadRig(running: Rig, by: string): Promise<Answered<ReloadAnswer>> {
    const loaded = await options.load();
    const { wall } = host.clock.instant();
    if (loaded.config === undefined) {
      refused = { at: wall, summary: loaded.summary };
      running.tell({ type: 'reload-refused', summary: loaded.summary });
      followFiles(loaded, running.core.config);
      return refusal(
        'reload-refused',
        `the new configuration has errors, the old one goes on:\n${loaded.report}`,
        "mend it, see 'watcher check', and reload again",
      );
    }
    refused = undefined;
    loadedAt = wall;
    const before = running.core.config;
    const { stateDir, socket } = before;
    const needsRestart = [
      ...(loaded.config.stateDir === stateDir ? [] : ['state_dir']),
      ...(loaded.config.socket === socket ? [] : ['socket']),
    ];
    const config = { ...loaded.config, stateDir, socket };
    const difference = diffServices(before, config);
    logger.configure({ level: config.log.level, redact: createRedactor(config.secrets) });
    running.configure(config);
    followFiles(loaded, config);
    const { added, removed, changed } = difference;
    tellEvent(
      running,
      'reloaded',
      `by ${by}: ${added.length} ${added.length === 1 ? 'service' : 'services'} added, ${removed.length} removed, ${changed.length} changed`,
    );
    const value = {
      version: API_VERSION,
      config: config.file ?? 'the embedded default',
      services: config.services.length,
    } as const;
    return { ok: true, value: { ...value, ...difference, needsRestart } };
  }

  /** One after the other: a reload that comes during another one sees what that one made. */
  function reload(by: string): Promise<Answered<ReloadAnswer>> {
    const after = reloading ?? Promise.resolve();
    const mine = after.then(() => reloadOnce(by));
    reloading = mine;
    return mine;
  }

  async function stopOnce(reason: string): Promise<void> {
    options.unit?.stopping();
    unwatch();
    if (rig !== undefined) tellEvent(rig, 'agent-stopped', reason);
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
