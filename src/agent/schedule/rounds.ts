import type { OutboxEntry } from '../../engine/notices/delivery.ts';
import type { Host } from '../../host/host.ts';
import type { Config } from '../../model/config.ts';
import type { Input } from '../../model/step.ts';
import type { Outbox } from '../../state/outbox.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Core } from '../core.ts';
import { beat, muteNotifier, whyNoHeartbeat } from '../doubt/heartbeat.ts';
import type { HostEnd } from '../doubt/host-end.ts';
import { LOOK_EVERY, type SelfWatch } from '../doubt/self-watch.ts';
import type { Uplink } from '../doubt/uplink.ts';
import { calendarInput, needsCalendar } from './calendar-watch.ts';
import { every } from './every.ts';
import type { Scheduler } from './scheduler.ts';

/** What the agent does again and again besides its checks: looks at itself, at the calendar, at its uplink; beats its heart. */
export interface Rounds {
  /** Starts what the configuration in force asks for, stops the rest. */
  configure(): void;
  stop(): void;
}

/** Milliseconds between two looks at descriptors and memory: counting thousands of them is no work for every second. */
const RESOURCES_EVERY = 10_000;
/** So many milliseconds late may a maintenance window, which is written in minutes, begin and end. */
const CALENDAR_EVERY = 5000;
/** Milliseconds between two looks while nothing fails: a failure has its own look before it is believed. */
const UPLINK_EVERY = 10_000;

/** Rounds that are not begun yet; `configure` begins them. What one of them throws goes to `onBug`. */
export function createRounds(parts: {
  readonly host: Host;
  readonly core: Core;
  readonly scheduler: Scheduler;
  readonly selfWatch: SelfWatch;
  readonly hostEnd: HostEnd;
  readonly uplink: Uplink;
  readonly outbox: Outbox<OutboxEntry>;
  readonly tell: (input: Input) => void;
  readonly logger: Logger;
  /** Nothing is said to the outside: a rehearsal beside the real agent must not answer for it. */
  readonly dryRun: boolean;
  readonly onBug: (error: unknown, about: string) => void;
}): Rounds {
  const { host, core, scheduler, selfWatch, uplink, logger } = parts;
  const { clock } = host;
  const abort = new AbortController();
  let stops: (() => void)[] = [];
  let lastCalendar = '';
  let missing: string | undefined;

  function round(name: string, ms: number, run: () => void | Promise<void>): void {
    stops.push(every(clock, ms, run, (error) => parts.onBug(error, name)));
  }

  function lookAtCalendar(): void {
    const input = calendarInput(core.config, host.calendar, clock.instant().wall);
    const text = JSON.stringify(input);
    if (text === lastCalendar) return;
    lastCalendar = text;
    parts.tell(input);
  }

  async function beatOnce(heartbeat: NonNullable<Config['heartbeat']>): Promise<void> {
    const { now } = clock.instant();
    const doubt = whyNoHeartbeat({
      distrust: selfWatch.reason,
      worstLateness: scheduler.takeWorstLateness(),
      behind: scheduler.behind(),
      longestWait: scheduler.longestWait(),
      undeliveredFor: now - (parts.outbox.oldest() ?? now),
      muteNotifier: muteNotifier(core.config, core.state.troubles),
    });
    const trouble = doubt ?? (await beat(host, heartbeat, abort.signal));
    if (trouble !== undefined && trouble !== missing) logger.warn(`no heartbeat: ${trouble}`);
    if (trouble === undefined && missing !== undefined) logger.info('the heartbeat is sent again');
    missing = trouble;
  }

  return {
    configure() {
      for (const stop of stops) stop();
      stops = [];
      selfWatch.excuse();
      const { config } = core;
      const { heartbeat } = config;
      round('the look at itself', LOOK_EVERY, () => selfWatch.look());
      round('the look at the host', LOOK_EVERY, parts.hostEnd.glance);
      round('the look at its resources', RESOURCES_EVERY, () => selfWatch.lookAtResources());
      // At once: while targets are configured nothing is guessed, not even before their first turn.
      uplink.probe(config.uplink).catch((error: unknown) => parts.onBug(error, 'the look at the uplink'));
      if (config.uplink.length > 0)
        round('the look at the uplink', UPLINK_EVERY, () => uplink.probe(config.uplink));
      if (needsCalendar(config) || lastCalendar !== '') {
        lookAtCalendar();
        round('the calendar', CALENDAR_EVERY, lookAtCalendar);
      }
      if (heartbeat !== undefined && !parts.dryRun)
        round('the heartbeat', heartbeat.every, () => beatOnce(heartbeat));
    },
    stop() {
      for (const stop of stops) stop();
      abort.abort();
    },
  };
}
