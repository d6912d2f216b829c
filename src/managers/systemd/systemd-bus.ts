import type { Clock } from '../../host/clock.ts';
import type { BusMessage, BusReply } from '../../host/dbus.ts';
import { type KeptBus, managerInterface, managerPath, systemdName } from './kept-bus.ts';
import type { Asked, JobOutcome, JobRequest, JobVerb, SystemdLink } from './systemd-link.ts';
import { factsOf, UNIT_PROPERTIES, type UnitFacts, type UnitProperties, unitPath } from './systemd-unit.ts';

const propertiesInterface = 'org.freedesktop.DBus.Properties';
const readWithin = 5_000;
const members: Readonly<Record<JobVerb, string>> = {
  start: 'StartUnit',
  stop: 'StopUnit',
  restart: 'RestartUnit',
  reload: 'ReloadUnit',
};

/** How long, in milliseconds, an answer is believed where no change was told: the need of a daemon-reload is not. */
const knownFor = 1_000;

interface Followed {
  followers: number;
  jobEvents: number;
  /** Serial of the last signal about the unit on this connection. */
  toldAt: number;
  known: { readonly facts: UnitFacts; readonly at: number; readonly serial: number } | undefined;
}

/**
 * Talks to systemd as org.freedesktop.systemd1(5) describes. The bus is shared: closing the link leaves it open. `permitted`:
 * systemd need not ask polkit whether this user may operate units.
 */
export function systemdBus(
  bus: KeptBus,
  clock: Clock,
  { permitted }: { readonly permitted: boolean },
): SystemdLink {
  const followed = new Map<string, Followed>();

  /** Whatever changes about a unit that is followed is told: until then, for a moment, the last answer is still true. */
  async function read(unit: string): Promise<Asked<UnitFacts>> {
    const known = followed.get(unit)?.known;
    if (known !== undefined && bus.connected() && clock.monotonic() - known.at < knownFor)
      return { ok: true, value: known.facts };
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
    const follows = followed.get(unit);
    // A unit is told of under its own name, not under an alias; and what changed after the reply was sent made it an old one.
    if (follows !== undefined && facts.id === unit && facts.job === 0 && follows.toldAt < reply.serial)
      follows.known = { facts, at: clock.monotonic(), serial: reply.serial };
    return { ok: true, value: facts };
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
    async pin(unit) {
      // Needs rights; without them the unit may be forgotten, which only costs detail.
      const pinned = await onUnit('RefUnit', unit);
      return async () => {
        if (pinned.ok) await onUnit('UnrefUnit', unit);
      };
    },
    follow(unit, changed) {
      const path = unitPath(unit);
      const follows = followed.get(unit) ?? { followers: 0, jobEvents: 0, toldAt: 0, known: undefined };
      followed.set(unit, follows);
      follows.followers += 1;
      const stop = bus.listen((event) => {
        if (event === 'lost') {
          follows.jobEvents += 1;
          // Who counts anew begins at the bottom.
          follows.toldAt = 0;
          follows.known = undefined;
        } else if (isOfJob(event, unit)) follows.jobEvents += 1;
        if (event === 'lost' || concerns(event, path)) {
          if (event !== 'lost') noteTold(follows, event.serial);
          changed();
        }
      });
      return () => {
        stop();
        follows.followers -= 1;
        if (follows.followers === 0) followed.delete(unit);
      };
    },
    jobEvents: (unit) => (bus.connected() ? followed.get(unit)?.jobEvents : undefined),
    close() {},
  };
}

function noteTold(follows: Followed, serial: number): void {
  follows.toldAt = Math.max(follows.toldAt, serial);
  if (follows.known !== undefined && follows.known.serial < serial) follows.known = undefined;
}

/** JobNew and JobRemoved carry the number of the job, its object and its unit. */
function isOfJob(event: BusMessage, unit: string): boolean {
  return (event.member === 'JobNew' || event.member === 'JobRemoved') && event.body()[2] === unit;
}

/** Properties of the unit, and the end of a reload of all unit files (the argument of Reloading is false then). */
function concerns(event: BusMessage, path: string): boolean {
  if (event.path === path) return true;
  if (event.path !== managerPath) return false;
  if (event.member === 'Reloading') return event.body()[0] === false;
  if (event.member !== 'UnitRemoved' && event.member !== 'UnitNew') return false;
  return event.body()[1] === path;
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
