import type { Clock } from '../../host/clock.ts';
import type { BusOutcome, BusReply } from '../../host/dbus.ts';
import type { FollowedUnit } from './followed-unit.ts';
import type { FollowedUnits } from './followed-units.ts';
import { type KeptBus, managerInterface, managerPath, systemdName } from './kept-bus.ts';
import { pinUnit } from './pin-unit.ts';
import type { ShutdownWatch } from './shutdown-watch.ts';
import type { AskedUnit, JobOutcome, JobRequest, JobVerb, SystemdLink } from './systemd-link.ts';
import { factsOf, UNIT_PROPERTIES, type UnitFacts, type UnitProperties, unitPath } from './systemd-unit.ts';

const propertiesInterface = 'org.freedesktop.DBus.Properties';
const readWithin = 5_000;
const members: Readonly<Record<JobVerb, string>> = {
  start: 'StartUnit',
  stop: 'StopUnit',
  restart: 'RestartUnit',
  reload: 'ReloadUnit',
};

/**
 * For so many milliseconds systemd is left to tell of an end that the kernel has told of: it buries the process and tells, 1.5 ms
 * on an idle machine, and each question in between holds that up.
 */
const TOLD_WITHIN = 10;

export interface SystemdBusParts {
  /** Shared: closing the link leaves it open. */
  readonly bus: KeptBus;
  /** Opens a connection over the bus daemon. */
  readonly openDaemon: () => Promise<BusOutcome>;
  readonly clock: Clock;
  /** systemd need not ask polkit whether this user may operate units. */
  readonly permitted: boolean;
  /** Shared like the bus. */
  readonly units: FollowedUnits;
  /** Shared like the bus; absent where this systemd does not know about the host. */
  readonly shutdown?: ShutdownWatch | undefined;
}

/** Talks to systemd as org.freedesktop.systemd1(5) describes. */
export function systemdBus(parts: SystemdBusParts): SystemdLink {
  const { bus, openDaemon, clock, permitted, units, shutdown } = parts;

  function followedOf(unit: string): FollowedUnit | undefined {
    return bus.connected() ? units.get(unit) : undefined;
  }

  /** Whatever changes about a unit that is followed is told: until then, for a moment, the last answer is still true. */
  async function read(
    unit: string,
    { end }: { readonly end: 'due' | 'late' | undefined } = { end: undefined },
  ): Promise<AskedUnit> {
    const follows = followedOf(unit);
    const told = end === undefined ? follows?.facts : follows && (await endOf(follows, end));
    if (told !== undefined) return { ok: true, value: told, jobEvents: follows?.jobEvents };
    const losses = bus.losses();
    const reply = await bus.call(
      {
        destination: systemdName,
        path: unitPath(unit),
        interface: propertiesInterface,
        member: 'GetAll',
        signature: 's',
        arguments: [''],
        entries: UNIT_PROPERTIES,
      },
      readWithin,
    );
    if (!reply.ok) return { ok: false, absent: isAbsent(reply), reason: reply.reason };
    const properties = (reply.body[0] ?? {}) as UnitProperties;
    const facts = factsOf(properties, await jobTypeOf(properties));
    const about = losses === bus.losses() ? units.get(facts.id) : undefined;
    about?.answered(properties, facts, reply.serial);
    return { ok: true, value: facts, jobEvents: about?.jobEventsUntil(reply.serial) };
  }

  async function endOf(follows: FollowedUnit, end: 'due' | 'late'): Promise<UnitFacts | undefined> {
    if (end === 'late') return follows.end(AbortSignal.abort());
    const late = new AbortController();
    const timer = clock.after(TOLD_WITHIN, () => late.abort());
    try {
      return await follows.end(late.signal);
    } finally {
      timer.cancel();
    }
  }

  async function jobTypeOf(properties: UnitProperties): Promise<string> {
    const [id, path] = (properties.Job ?? [0, '']) as readonly [number, string];
    if (id === 0) return '';
    const reply = await bus.call(
      {
        destination: systemdName,
        path,
        interface: propertiesInterface,
        member: 'Get',
        signature: 'ss',
        arguments: ['org.freedesktop.systemd1.Job', 'JobType'],
      },
      readWithin,
    );
    return reply.ok ? String(reply.body[0] ?? '') : '';
  }

  async function job(
    { verb, unit, resetFailed }: JobRequest,
    withinMs: number,
    signal?: AbortSignal,
  ): Promise<JobOutcome> {
    const ended = new Map<string, string>();
    let wake = () => {};
    let lost = false;
    // Listening before asking: a short job may have ended before its number is known here.
    const stop = bus.listen((event) => {
      if (event === 'lost') lost = true;
      else if (event.member === 'JobRemoved') {
        const [, path, , result] = event.body();
        ended.set(String(path), String(result));
      } else return;
      wake();
    });
    try {
      // What is permitted anyway systemd does in the order in which it comes: a start need not wait for the answer.
      const reset = resetFailed === true ? onUnit('ResetFailedUnit', unit) : undefined;
      if (!permitted) await reset;
      const asked = await bus.call(
        {
          destination: systemdName,
          path: managerPath,
          interface: managerInterface,
          member: members[verb],
          signature: 'ss',
          arguments: [unit, 'replace'],
        },
        readWithin,
      );
      if (!asked.ok)
        return { result: 'refused', reason: explain(asked, verb, unit), absent: isAbsent(asked) };
      const path = String(asked.body[0]);
      const end = clock.monotonic() + withinMs;
      for (;;) {
        const result = ended.get(path);
        if (result !== undefined) return { result };
        const left = end - clock.monotonic();
        if (signal?.aborted === true) return { result: 'late', reason: 'the watcher gave up waiting for it' };
        if (left <= 0) return { result: 'late' };
        if (lost && (await jobIsGone(path))) return { result: 'done' };
        await new Promise<void>((resolve) => {
          const timer = clock.after(lost ? Math.min(left, 500) : left, resolve, { hold: true });
          wake = () => {
            timer.cancel();
            resolve();
          };
          signal?.addEventListener('abort', wake, { once: true });
        });
        signal?.removeEventListener('abort', wake);
      }
    } finally {
      stop();
    }
  }

  function onUnit(member: string, unit: string): Promise<BusReply> {
    const manager = { destination: systemdName, path: managerPath, interface: managerInterface };
    return bus.call({ ...manager, member, signature: 's', arguments: [unit] }, readWithin);
  }

  /** After a broken connection its end was not told: the state of the unit then says how it went. */
  async function jobIsGone(path: string): Promise<boolean> {
    const id = Number(path.slice(path.lastIndexOf('/') + 1));
    const reply = await bus.call(
      {
        destination: systemdName,
        path: managerPath,
        interface: managerInterface,
        member: 'GetJob',
        signature: 'u',
        arguments: [id],
      },
      readWithin,
    );
    return !reply.ok && reply.error === 'NoSuchJob';
  }

  return {
    read,
    job,
    async refusal(unit) {
      // Needs the same right as a restart (org.freedesktop.systemd1.manage-units), and changes nothing.
      const asked = await onUnit('RefUnit', unit);
      if (asked.ok) await onUnit('UnrefUnit', unit);
      return asked.ok || !isForbidden(asked) ? undefined : explain(asked, 'restart', unit);
    },
    pin: (unit) => pinUnit(openDaemon, clock, unit),
    follow: (name, changed) => units.follow(name, changed),
    jobEvents: (unit) => followedOf(unit)?.jobEvents,
    told: (unit) => followedOf(unit)?.facts,
    endTold(unit) {
      const follows = followedOf(unit);
      return follows?.tellsAll === true ? endOf(follows, 'due').then(() => {}) : undefined;
    },
    hostStays: () => shutdown?.hostStays() === true,
    learnOfHost: () => shutdown?.learn(),
    close() {},
  };
}

function isAbsent(reply: BusReply & { readonly ok: false }): boolean {
  // ServiceUnknown and the like come from the bus itself when systemd is not on it.
  return ['Disconnected', 'ServiceUnknown', 'NameHasNoOwner', 'NoReply', 'Spawn.ChildExited'].includes(
    reply.error,
  );
}

function isForbidden({ error }: BusReply & { readonly ok: false }): boolean {
  return error === 'InteractiveAuthorizationRequired' || error === 'AccessDenied';
}

/** Error names of systemd: org.freedesktop.systemd1(5) and bus-common-errors.h of its source. */
function explain(reply: BusReply & { readonly ok: false }, verb: JobVerb, unit: string): string {
  switch (reply.error) {
    case 'InteractiveAuthorizationRequired':
    case 'AccessDenied':
      return `not permitted to ${verb} ${unit}: run the watcher as root, or install the polkit rule from deploy/ (which of the two says its README.md; ${reply.reason})`;
    case 'NoSuchUnit':
      return `systemd knows no unit ${unit}; see: systemctl status ${unit}`;
    case 'UnitMasked':
      // It may be another unit that is masked: polkit, which systemd asks for permission.
      if (reply.reason.includes(unit))
        return `${unit} is masked; to allow it again: systemctl unmask ${unit}`;
      return `systemd refused to ${verb} ${unit}: ${reply.reason}`;
    default:
      return `systemd refused to ${verb} ${unit}: ${reply.reason}`;
  }
}
