import type { Kinds } from '../../config/kinds.ts';
import { isUnderOperation } from '../../engine/services/service-state.ts';
import type { Host } from '../../host/host.ts';
import { getFromShelf } from '../../lib/shelf.ts';
import { listenForShutdown } from '../../managers/systemd/systemd-scope.ts';
import { mainsOf } from '../../managers/together.ts';
import type { Config } from '../../model/config.ts';
import type { Service } from '../../model/service.ts';
import type { Input } from '../../model/step.ts';
import { checkKey } from '../check-key.ts';
import type { Core } from '../core.ts';
import { createDeathWatch } from '../death-watch.ts';
import { createHostEnd, type HostEnd } from '../doubt/host-end.ts';
import { createSelfWatch, type SelfWatch } from '../doubt/self-watch.ts';
import { createUplink, type Uplink } from '../doubt/uplink.ts';
import { createHolding } from '../holding.ts';
import { createManagerDesk, type ManagerDesk } from '../manager-desk.ts';
import { createJobs, type Jobs } from '../schedule/jobs.ts';
import type { Scheduler } from '../schedule/scheduler.ts';

/** Everything that looks at services, and at whether what it sees can be believed. */
export interface Watching {
  readonly desk: ManagerDesk;
  readonly jobs: Jobs;
  readonly selfWatch: SelfWatch;
  readonly hostEnd: HostEnd;
  readonly uplink: Uplink;
  /** Draws its own conclusions from what the engine is about to hear: before it believes that. */
  heed(input: Input): void;
  /** These managers are asked from now on; to be called before the engine goes by the new rules. */
  open(config: Config): void;
  /** These checks run from now on; to be called once the engine goes by the new rules. */
  configure(config: Config): void;
  close(): void;
}

export interface WatchingParts {
  readonly host: Host;
  readonly kinds: Kinds;
  readonly core: Core;
  readonly scheduler: Scheduler;
  readonly serviceOf: (name: string) => Service | undefined;
  /** Off: only the schedule makes checks run. */
  readonly nudges: () => boolean;
  /** Where what was found goes; everything in it comes back to `heed` first. */
  readonly tell: (...inputs: readonly Input[]) => void;
  /** Turns of a check were passed over: they were certain to bring nothing new. */
  readonly onPassedOver: (turns: number) => void;
  readonly onBug: (error: unknown, about: string) => void;
}

/** Nothing is watched before `open` and `configure`. */
export function createWatching(parts: WatchingParts): Watching {
  const { host, kinds, core, scheduler, serviceOf, tell, onBug } = parts;

  /** Something happened to a service: its main process is looked at now, not at its next turn. */
  function nudge(service: string): void {
    jobs.rouse(service);
    if (!parts.nudges() || isBeingRepaired(service)) return;
    const checks = serviceOf(service)?.checks ?? [];
    const vital = checks.filter((check) => check.vital);
    for (const { name } of vital.length > 0 ? vital : checks) scheduler.nudge(checkKey(service, name));
  }

  /** Its end is followed by a look; until then nothing that is seen counts, and asking would hold up who is busy with it. */
  function isBeingRepaired(service: string): boolean {
    const state = getFromShelf(core.state.services, service);
    return core.hasHeadStart(service) || (isUnderOperation(state) && state?.stop === undefined);
  }

  const desk = createManagerDesk({ host, kinds: kinds.managers, onChange: nudge, onBug });
  const deathWatch = createDeathWatch(host.deaths, (service) => {
    desk.forget(service);
    nudge(service);
  });
  const holding = createHolding({ host, tell });
  const uplink = createUplink(host);
  const selfWatch = createSelfWatch({ host, tell: core.apply, onJump: scheduler.realign });
  const hostEnd = createHostEnd(
    host,
    (reason) => selfWatch.doubt('host', reason),
    () => listenForShutdown(host),
  );
  const watchers = { desk, scheduler, holding, uplink, hostEnd };
  const { onPassedOver } = parts;
  const jobs = createJobs({ host, kinds: kinds.checks, core, ...watchers, tell, onPassedOver, onBug });
  const unheed = core.onStep(jobs.heed);

  /** A service without a manager has its process watched by what its own vital check found. */
  function followReading({ service, check, result }: Extract<Input, { type: 'observed' }>): void {
    const rules = serviceOf(service);
    if (rules?.manager !== undefined || !rules?.checks.some(({ name, vital }) => vital && name === check))
      return;
    const pid = result.outcome === 'read' ? result.reading['pid'] : undefined;
    const main = typeof pid === 'number' ? host.processes.identify(pid) : undefined;
    deathWatch.follow(service, main === undefined ? [] : [main]);
  }

  return {
    desk,
    jobs,
    selfWatch,
    hostEnd,
    uplink,
    heed(input) {
      // What was certain was so by what its manager had said before.
      if (input.type === 'reported') jobs.rouse(input.service);
      if (input.type === 'observed') {
        // A stall or a jump of the clock must be known before what it spoiled is believed.
        if (input.result.outcome !== 'read') selfWatch.look();
        followReading(input);
      } else if (input.type === 'reported' && desk.managerOf(input.service)?.follow === undefined) {
        deathWatch.follow(input.service, mainsOf(input.report));
      }
    },
    open({ services }) {
      desk.configure(services);
      const managers = services.map(({ name }) => desk.managerOf(name));
      // Who tells of an end at once, but not of that of the host.
      if (managers.some((one) => one?.reportNow !== undefined && one.hostStays === undefined))
        hostEnd.listen();
    },
    configure(config) {
      for (const name of holding.known()) holding.forget(name);
      jobs.configure(config);
      for (const name of deathWatch.watched()) if (serviceOf(name) === undefined) deathWatch.follow(name, []);
    },
    close() {
      unheed();
      hostEnd.close();
      deathWatch.close();
      desk.close();
    },
  };
}
