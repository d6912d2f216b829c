import { type Answered, refusal } from '../control/answered.ts';
import { type AgentInfo, API_VERSION, type ReloadAnswer } from '../control/api.ts';
import { createRedactor } from '../lib/redactor.ts';
import type { Config } from '../model/config.ts';
import { diffServices } from './diff-services.ts';
import type { AgentOptions, Loaded } from './options.ts';
import type { Rig } from './rig.ts';
import { watchFiles } from './watch-files.ts';

/** Keeps a running agent by its rule files: on demand, and by itself where that is wanted. */
export interface Reloading {
  /** One after the other: a reload that comes during another one sees what that one made. Errors change nothing. */
  reload(by: string): Promise<Answered<ReloadAnswer>>;
  /** These rules are in force, and their files are followed where they ask for it. */
  inForce(loaded: Loaded, config: Config): void;
  /** Follows no files any more. */
  stop(): void;
  /** The last reload, where it was refused. */
  readonly refused: AgentInfo['reloadRefused'];
  /** When the rules in force were read, wall milliseconds since the epoch. */
  readonly loadedAt: number;
}

export interface ReloadingParts extends Pick<AgentOptions, 'host' | 'load' | 'logger' | 'unit'> {
  readonly rig: () => Rig | undefined;
  readonly stopping: () => boolean;
}

/** Reloads nothing by itself before `inForce`. */
export function createReloading(parts: ReloadingParts): Reloading {
  const { host, logger, unit } = parts;
  let loadedAt = 0;
  let refused: AgentInfo['reloadRefused'];
  let last: Promise<unknown> = Promise.resolve();
  let unwatch = (): void => {};

  function reload(by: string): Promise<Answered<ReloadAnswer>> {
    const mine = last.then(() => reloadOnce(by));
    last = mine.catch(() => undefined);
    return mine;
  }

  async function reloadOnce(by: string): Promise<Answered<ReloadAnswer>> {
    const running = parts.rig();
    if (running === undefined || parts.stopping()) return refusal('stopping', 'the agent is stopping');
    unit?.reloading();
    try {
      const loaded = await parts.load();
      return loaded.config === undefined ? refuse(running, loaded) : swap(running, loaded, loaded.config, by);
    } finally {
      if (!parts.stopping()) unit?.reloaded();
    }
  }

  function refuse(running: Rig, loaded: Loaded): Answered<ReloadAnswer> {
    refused = { at: host.clock.instant().wall, summary: loaded.summary };
    running.tell({ type: 'reload-refused', summary: loaded.summary });
    follow(loaded, running.core.config);
    return refusal(
      'reload-refused',
      `the new configuration has errors, the old one goes on:\n${loaded.report}`,
      "mend it, see 'watcher check', and reload again",
    );
  }

  function swap(running: Rig, loaded: Loaded, next: Config, by: string): Answered<ReloadAnswer> {
    refused = undefined;
    const before = running.core.config;
    const { stateDir, socket } = before;
    const needsRestart = [
      ...(next.stateDir === stateDir ? [] : ['state_dir']),
      ...(next.socket === socket ? [] : ['socket']),
    ];
    const config = { ...next, stateDir, socket };
    const difference = diffServices(before, config);
    logger.configure({ level: config.log.level, redact: createRedactor(config.secrets) });
    running.configure(config);
    inForce(loaded, config);
    const { added, removed, changed } = difference;
    const services = `${added.length} ${added.length === 1 ? 'service' : 'services'}`;
    const text = `by ${by}: ${services} added, ${removed.length} removed, ${changed.length} changed`;
    running.publish([{ at: host.clock.instant().wall, type: 'reloaded', service: '', text }]);
    const value = {
      version: API_VERSION,
      config: config.file ?? 'the embedded default',
      services: config.services.length,
    } as const;
    return { ok: true, value: { ...value, ...difference, needsRestart } };
  }

  function inForce(loaded: Loaded, config: Config): void {
    loadedAt = host.clock.instant().wall;
    follow(loaded, config);
  }

  function follow({ files, folders }: Loaded, config: Config): void {
    unwatch();
    unwatch = config.watchFiles
      ? watchFiles(host, [...files, ...folders], () => void reload('a changed file'))
      : () => {};
  }

  return {
    reload,
    inForce,
    stop: () => unwatch(),
    get refused() {
      return refused;
    },
    get loadedAt() {
      return loadedAt;
    },
  };
}
