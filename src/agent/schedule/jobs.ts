import { isDeepStrictEqual } from 'node:util';
import type { Kinds } from '../../config/kinds.ts';
import { isSettled } from '../../engine/checks/settled.ts';
import { isUnderOperation } from '../../engine/services/service-state.ts';
import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../lib/duration.ts';
import { getFromShelf } from '../../lib/shelf.ts';
import type { Config } from '../../model/config.ts';
import type { Exhibit } from '../../model/reading.ts';
import type { Check, Service } from '../../model/service.ts';
import type { ServiceState } from '../../model/state.ts';
import type { Input } from '../../model/step.ts';
import { checkKey } from '../check-key.ts';
import type { Changed, Core } from '../core.ts';
import type { HostEnd } from '../doubt/host-end.ts';
import type { Uplink } from '../doubt/uplink.ts';
import type { Holding } from '../holding.ts';
import { type CheckMemory, newCheckMemory, readingsFor } from '../look.ts';
import type { ManagerDesk } from '../manager-desk.ts';
import { type ForegoneParts, passOver } from '../pass-over.ts';
import { runCycle } from '../run-cycle.ts';
import type { Job } from './job.ts';
import type { Scheduler } from './scheduler.ts';

/** Turns the checks of a configuration into jobs of the scheduler, and keeps what they remember over a reload. */
export interface Jobs {
  configure(config: Config): void;
  /** What the probes of a service that do not pass have seen last. */
  exhibits(service: string): readonly (readonly [check: string, exhibit: Exhibit])[];
  /** Turns of the checks of a service are not certain beforehand any more. */
  rouse(service: string): void;
  /** After each step of the engine: what is not settled any more does not rest. */
  heed(changed: Changed): void;
  /** When a turn of a check was last passed over, on the scale of `Instant.now`: it was certain to bring nothing new. */
  passedAt(service: string, check: string): number | undefined;
}

export interface JobParts {
  readonly host: Host;
  readonly kinds: Kinds['checks'];
  readonly core: Core;
  readonly desk: ManagerDesk;
  readonly scheduler: Scheduler;
  readonly holding: Holding;
  readonly uplink: Uplink;
  readonly hostEnd: HostEnd;
  readonly tell: (...inputs: readonly Input[]) => void;
  /** So many turns were passed over, of which nobody else is told. */
  readonly onPassedOver: (turns: number) => void;
  readonly onBug: (error: unknown, about: string) => void;
}

interface Known {
  readonly job: Job;
  readonly service: Service;
  readonly check: Check;
  readonly memory: CheckMemory;
  readonly settled: () => boolean;
}

/** No jobs before `configure`. What a probe breaks with goes to `onBug`, and its check is `unknown`. */
export function createJobs(parts: JobParts): Jobs {
  const { core, desk, scheduler, tell } = parts;
  const known = new Map<string, Known>();
  /** Those of a service that may rest. */
  const resting = new Map<string, Known[]>();
  const restarts = new Set<string>();

  function knownOf(service: Service, check: Check, memory: CheckMemory): Known {
    const key = checkKey(service.name, check.name);
    const kind = parts.kinds[check.kind];
    if (kind === undefined) throw new Error(`no kind of check is called ${check.kind}`);
    const target = kind.target(check.options as never);
    const stateNow = () => getFromShelf(core.state.services, service.name);
    const isOperated = (): boolean => core.hasHeadStart(service.name) || isUnderOperation(stateNow());
    const calm = (): boolean => stateNow()?.state === 'up';
    /** By these rules something was told once: what was judged by others settles nothing. */
    let wasTold = false;
    /** What it was last found settled in: it is asked at every turn, and rarely anything has changed. */
    let settledIn: ServiceState | undefined;
    const settled = (): boolean => {
      const state = stateNow();
      if (state === undefined || !wasTold || !core.state.trust.trusted) return false;
      if (state === settledIn) return true;
      if (!isSettled(state, check)) return false;
      settledIn = state;
      return true;
    };
    const { host, onBug, onPassedOver } = parts;
    // Named one by one: a copy of `parts` with more behind it would give each check's a shape of its own, and V8 never settle.
    const cycle: Required<ForegoneParts> = {
      host,
      kind,
      service,
      check,
      memory,
      onBug,
      desk,
      judged: readingsFor(check, kind).judged,
      calm,
      settled,
      onPassedOver,
      tell(inputs) {
        wasTold = true;
        tell(...inputs);
      },
      judge: (result) => parts.uplink.judge(key, target, result),
      holding: (of) => parts.holding.refresh(of),
      // While it is operated nothing that is seen counts, and asking would hold up the operation.
      lookAtHost: () => (isOperated() ? undefined : parts.hostEnd.look()),
      newsHeard: () => parts.hostEnd.newsHeard(),
      hostStays: (told) => !isOperated() && parts.hostEnd.surelyStays(told),
      lookAtWay: target === undefined ? undefined : parts.uplink.look,
      looksNow: () => scheduler.answerNudges(key),
    };
    const job: Job = {
      key,
      kind: check.kind,
      target,
      cadence: check.cadence,
      brief: kind.brief,
      startsProgram: kind.startsProgram,
      // A service that is stopped or not watched is not up, and nothing is foregone.
      foregone: kind.foregone && (() => passOver(cycle)),
      passedOver(turns, last) {
        memory.passedAt = last;
        onPassedOver(turns);
      },
      async run(turn) {
        const state = getFromShelf(core.state.services, service.name);
        if (state?.monitored === false) return;
        if (state?.stop === undefined) await runCycle(cycle, turn);
        else await askWhetherStarted(service.name);
      },
    };
    return { job, service, check, memory, settled };
  }

  /** A service that was stopped on purpose is left alone; only whether somebody started it again is looked at. */
  async function askWhetherStarted(service: string): Promise<void> {
    const report = await desk.report(service);
    if (report !== undefined) tell({ type: 'reported', service, report });
  }

  function restartJob(service: Service, cadence: NonNullable<Service['restartSchedule']>): Job {
    return {
      key: `${service.name} restart`,
      kind: 'scheduled restart',
      cadence,
      run: async () => tell({ type: 'calendar', service: service.name, due: 'restart' }),
    };
  }

  function dropMissing(wanted: ReadonlySet<string>): void {
    for (const key of [...known.keys(), ...restarts]) {
      if (wanted.has(key)) continue;
      scheduler.remove(key);
      known.delete(key);
      restarts.delete(key);
      parts.uplink.forget(key);
    }
  }

  return {
    rouse(service) {
      for (const { job } of resting.get(service) ?? []) scheduler.rouse(job.key);
    },
    heed({ services, trust }) {
      if (trust) for (const key of known.keys()) scheduler.rouse(key);
      for (const service of services) {
        for (const { job, settled } of resting.get(service) ?? []) {
          if (scheduler.isResting(job.key) && !settled()) scheduler.rouse(job.key);
        }
      }
    },
    passedAt(service, check) {
      scheduler.countRest(checkKey(service, check));
      const at = known.get(checkKey(service, check))?.memory.passedAt;
      return at === undefined || at === Number.NEGATIVE_INFINITY ? undefined : at;
    },
    configure(config) {
      const wanted = new Set<string>();
      resting.clear();
      for (const service of config.services) {
        for (const check of service.checks) {
          const key = checkKey(service.name, check.name);
          wanted.add(key);
          const old = known.get(key);
          const looksElsewhere = old !== undefined && !sameProbe(old.check, check);
          const memory = old === undefined || looksElsewhere ? newCheckMemory() : old.memory;
          const it = knownOf(service, check, memory);
          known.set(key, it);
          if (it.job.foregone !== undefined)
            resting.set(service.name, [...(resting.get(service.name) ?? []), it]);
          // Nobody who points it at something else waits for a whole period to hear of that.
          scheduler.set(it.job, { doesElse: looksElsewhere });
        }
        if (service.restartSchedule === undefined) continue;
        const job = restartJob(service, service.restartSchedule);
        wanted.add(job.key);
        restarts.add(job.key);
        scheduler.set(job);
      }
      dropMissing(wanted);
    },
    exhibits(service) {
      const checks = getFromShelf(core.state.services, service)?.checks ?? {};
      return Object.values(checks).flatMap(({ name, state }) => {
        const memory = known.get(checkKey(service, name))?.memory;
        if (memory?.exhibit === undefined || state === 'up') return [];
        return [[name, withAge(memory, memory.exhibit, parts.host.clock.instant().now)] as const];
      });
    },
  };
}

/** What the failing probe itself saw goes as it is; what is from before it says so: a healthy answer is no sign of a hang. */
function withAge(memory: CheckMemory, exhibit: Exhibit, now: number): Exhibit {
  if (memory.exhibitIsOld !== true || memory.exhibitAt === undefined) return exhibit;
  const age = formatDuration(Math.max(0, now - memory.exhibitAt));
  return { ...exhibit, title: `last answer, ${age} before (the failing probe got none): ${exhibit.title}` };
}

/** Whether a probe would still look at the same thing in the same way: then what it keeps is still worth something. */
function sameProbe(a: Check, b: Check): boolean {
  return a.kind === b.kind && isDeepStrictEqual(a.options, b.options);
}
