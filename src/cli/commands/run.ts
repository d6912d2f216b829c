import { type Agent, createAgent } from '../../agent/agent.ts';
import type { Loaded } from '../../agent/options.ts';
import { createUnitNotice, type UnitNotice } from '../../agent/unit/unit-notice.ts';
import { registeredKinds } from '../../config/registered-kinds.ts';
import type { AgentInfo } from '../../control/api.ts';
import { keepSmall } from '../../host/machine/keep-small.ts';
import { openNotifySocket } from '../../host/notify-socket.ts';
import { createHost } from '../../host/real-host.ts';
import { type AgentLogger, createLogger } from '../../telemetry/logger.ts';
import type { Call, Command } from '../command.ts';
import { flagOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { createLiveSummary, type LiveSummary } from '../print/live-summary.ts';
import { rulesForAgent } from '../rules/agent-rules.ts';
import { findRules, type RulesOrigin } from '../rules/load-rules.ts';
import { guardMistakes } from '../running/guard-mistakes.ts';
import { tellStartFailure } from '../running/start-failure.ts';
import { programVersion } from '../version.ts';

/** `watcher run [--dry-run]`: the agent in the foreground. Ends with 0 when it was asked to. */
export const run: Command = async (call) => {
  const { io } = call;
  io.outlive?.();
  const host = createHost();
  const tidying = keepSmall(host.clock);
  const live = io.columns === undefined ? undefined : createLiveSummary(io, process.stdout);
  const logger = createLogger({
    write: live?.log ?? io.err,
    journal: io.env['JOURNAL_STREAM'] !== undefined && live === undefined,
    wall: () => host.clock.instant().wall,
  });
  const notify = await openNotifySocket(process.env, host.commands);
  const unit =
    notify && createUnitNotice({ socket: notify, clock: host.clock, onDoubt: (text) => logger.error(text) });
  unit?.say('reading the rules');
  const found = await findRules(call, () => host.processes);
  // A file stays the file; which ready-made rules suit may be different at the next reload.
  const origin = async (): Promise<RulesOrigin> =>
    found.file === undefined ? findRules(call, () => host.processes) : found;
  const dryRun = flagOption(call, 'dry-run');
  const read = rulesForAgent(call, origin);
  let notifiers = 0;
  const load = async (): Promise<Loaded> => {
    const loaded = await read();
    notifiers = Object.keys(loaded.config?.notifiers ?? {}).length;
    return loaded;
  };
  const agent = createAgent({
    host,
    kinds: registeredKinds(),
    version: programVersion,
    load,
    logger,
    onMemoryReleased: tidying.onReleased,
    ...(dryRun ? { dryRun } : {}),
    ...(unit === undefined ? {} : { unit }),
  });
  const unlisten = listenToSignals(agent, logger);
  const unguard = guardMistakes(logger);
  // Without a socket (a dry run) nothing else keeps Node from ending: the clock's timers do not.
  const awake = setInterval(() => {}, 0x7fffffff);
  try {
    return await runAgent({
      agent,
      logger,
      live,
      unit,
      call,
      title: found.title,
      dryRun,
      mute: () => notifiers === 0,
    });
  } finally {
    clearInterval(awake);
    unlisten();
    unguard();
    notify?.close();
    host.close();
  }
};

interface Running {
  readonly agent: Agent;
  readonly logger: AgentLogger;
  readonly live: LiveSummary | undefined;
  readonly unit: UnitNotice | undefined;
  readonly call: Call;
  readonly title: string;
  readonly dryRun: boolean;
  /** Whether no notifier is configured. */
  readonly mute: () => boolean;
}

async function runAgent({
  agent,
  logger,
  live,
  unit,
  call,
  title,
  dryRun,
  mute,
}: Running): Promise<ExitCode> {
  const started = await agent.start();
  if (!started.ok) {
    const { failure } = started;
    if (failure.family === 'stopped') return exitCodes.ok;
    unit?.say(
      failure.family === 'configuration'
        ? `${title} does not load: ${failure.summary}`
        : failure.failure.message,
    );
    return tellStartFailure(failure, title, call.io);
  }
  for (const line of welcome(started.info, title, dryRun)) logger.info(line);
  if (mute())
    logger.warn(
      'nobody is told: add notifiers: and notify: to watcher.yaml (see rules/README.md, or watcher kinds)',
    );
  const surface = agent.surface();
  if (surface !== undefined) live?.follow(surface);
  await agent.stopped;
  live?.end();
  return exitCodes.ok;
}

function welcome(info: AgentInfo, title: string, dryRun: boolean): readonly string[] {
  if (dryRun)
    return [
      `watcher ${info.version}: dry run of ${title}; it decides everything and does nothing, and has no socket: its log tells`,
    ];
  return [
    `watcher ${info.version}, pid ${info.pid}: ${title}`,
    `state in ${info.stateDir}, socket ${info.socket}`,
    "see it with 'watcher summary', stop it with Ctrl-C or 'watcher quit'",
  ];
}

/**
 * One Ctrl-C reaches the agent more than once where npm or a script stands between: from the terminal, and passed on. What
 * comes within so many milliseconds is the same one.
 */
const SAME_SIGNAL = 500;

/** TERM and INT stop (a second one does not wait), HUP reads the files again, USR1 runs all checks now. */
function listenToSignals(agent: Agent, logger: AgentLogger): () => void {
  let askedAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (askedAt !== undefined) {
      if (performance.now() - askedAt < SAME_SIGNAL) return;
      logger.warn(`${signal} again: stopping without waiting`);
      process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
    }
    askedAt = performance.now();
    logger.info(`${signal}: stopping`);
    void agent.stop(`signal ${signal}`);
  };
  const reload = (): void => {
    void agent.reload('SIGHUP').then((answered) => {
      if (!answered.ok) logger.error(`${answered.failure.message}`);
    });
  };
  const look = (): void => agent.checkNow();
  const handlers = [
    ['SIGINT', stop],
    ['SIGTERM', stop],
    ['SIGHUP', reload],
    ['SIGUSR1', look],
  ] as const;
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
