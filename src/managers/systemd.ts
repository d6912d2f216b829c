import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { text } from '../schema/fields.ts';
import { defineManager, type Manager, type ManagerContext } from './manager-kind.ts';
import { discoverUnits } from './systemd/systemd-discovery.ts';
import { endOf, type JournalMemory, journalLines, type KnownEnd } from './systemd/systemd-journal.ts';
import type { SystemdLink } from './systemd/systemd-link.ts';
import { operateUnit } from './systemd/systemd-operations.ts';
import { reportOf } from './systemd/systemd-report.ts';
import { openScope, type SystemdScope } from './systemd/systemd-scope.ts';
import { isDown, type UnitFacts, unitName } from './systemd/systemd-unit.ts';

const options = {
  unit: text({
    summary: 'The unit; without a type it is a service. Instances of templates carry their name: worker@3.',
    example: 'api.service',
  }),
  user: text({
    summary: 'The user whose own systemd runs the unit (name or number); without it the system runs it.',
    optional: true,
    example: 'deploy',
  }),
};

type Options = OptionsOf<typeof options>;

/** A run that lasted so long was one that worked: its last words are wanted, not those of a crash loop after it. */
const wellAfter = 2_000;

/** How long an answer of the journal about a unit that stays down is believed without any change told. */
const endKnownFor = 60_000;
const byItself: KnownEnd = { byHand: 'no', gaveUp: 'no' };

/** So often a question is asked anew because something changed meanwhile; then it is answered as well as can be. */
const mostRounds = 20;

/** Units of systemd: services, but also timers, sockets, mounts, targets. */
export const systemd = defineManager({
  kind: 'systemd',
  summary: 'A unit of systemd, asked and operated over D-Bus.',
  options,
  main: 'unit',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'State, main process, all processes by cgroup, restarts, last exit, conditions, start limit, journal.',
    events: 'Every change of the unit (D-Bus signals) and of its processes (cgroup.events).',
    rights:
      'Looking needs none; start, stop and reload need root or a polkit rule (deploy/README.md says which); journal lines need root or the group systemd-journal.',
    intent:
      'Stopped on purpose: the journal says that a stop job ended it (systemctl stop), or it is frozen (systemctl freeze). A unit that ended by itself, or was killed, is not. Where the journal cannot be read, a clean end counts as stopped on purpose.',
  },
  example: 'manager: { systemd: api.service }',
  open,
  discover: discoverUnits,
});

function open(given: Options, context: ManagerContext): Manager {
  const { host } = context;
  const unit = unitName(given.unit);
  /** Its own name where the given one is an alias: signals, jobs and the journal carry that one only. */
  let id = unit;
  let idKnown = false;
  let scope: Promise<SystemdScope> | undefined;
  let opened: SystemdScope | undefined;
  let known: { readonly key: string; readonly at: number; readonly end: KnownEnd } | undefined;
  /** Seen running, and the events of its jobs until then. */
  let ran: { readonly invocation: string; readonly jobEvents: number } | undefined;
  /** The main process of the last report. */
  let running: ProcessIdentity | undefined;
  /** That of which it was waited for systemd to tell that it ended. */
  let waitedFor: ProcessIdentity | undefined;
  const journalMemory: JournalMemory = {};
  /** Questions that are under way. */
  const asking = new Set<AbortController>();
  let cgroup: { readonly path: string; readonly stop: () => void } | undefined;
  const followers = new Set<() => void>();
  let unfollow: (() => void) | undefined;

  function theScope(): Promise<SystemdScope> {
    scope ??= openScope(host, given.user).then((one) => {
      opened = one;
      return one;
    });
    return scope;
  }

  /** What changes while the journal is waited for makes the question an old one: it is asked anew. */
  async function report(): Promise<ManagerReport> {
    for (let round = 1; ; round++) {
      const overtaken = new AbortController();
      if (round < mostRounds) asking.add(overtaken);
      const found = await reportOnce(overtaken.signal);
      asking.delete(overtaken);
      if (found !== undefined) return found;
    }
  }

  async function reportOnce(overtaken: AbortSignal): Promise<ManagerReport | undefined> {
    const { link } = await theScope();
    const asked = await link.read(unit, { end: itsEnd() });
    if (!asked.ok) {
      return {
        intent: 'unknown',
        activity: 'unknown',
        detail: `systemd could not be asked about ${unit}: ${asked.reason}`,
      };
    }
    const facts = asked.value;
    goBy(facts.id);
    followGroup(facts.controlGroup);
    const down = isDown(facts);
    if (!down) {
      known = undefined;
      // What ends already may do so for a job that is over.
      if (facts.activeState !== 'deactivating')
        ran = facts.job === 0 ? ranUntil(facts, asked.jobEvents) : undefined;
      const lasted = host.clock.instant().wall - facts.stateChangedAt;
      if (facts.activeState === 'active' && lasted >= wellAfter) journalMemory.invocation = facts.invocation;
      if (followers.size > 0) link.learnOfHost();
    }
    const main = facts.mainPid === 0 ? undefined : host.processes.identify(facts.mainPid);
    running = down ? undefined : main;
    const end = down ? await howItEnded(facts, overtaken) : byItself;
    if (end === undefined) return undefined;
    const boundToFailed = down ? await failedOf(facts.bindsTo) : undefined;
    return reportAs(facts, end, main, boundToFailed);
  }

  function reportAs(
    facts: UnitFacts,
    end: KnownEnd,
    main?: ProcessIdentity,
    boundToFailed?: string,
  ): ManagerReport {
    return reportOf(facts, {
      wall: host.clock.instant().wall,
      stoppedByHand: end.byHand,
      gaveUp: end.gaveUp,
      boundToFailed,
      main,
      pids: facts.controlGroup === '' || isDown(facts) ? undefined : host.cgroups?.pids(facts.controlGroup),
    });
  }

  /** Where its main process is dead: whether systemd is about to tell what became of the unit, or was to have. */
  function itsEnd(): 'due' | 'late' | undefined {
    if (running === undefined || host.processes.alive(running)) return undefined;
    return running === waitedFor ? 'late' : 'due';
  }

  /** Resolves when systemd told of its end, or was to have. */
  function endTold(): Promise<void> | undefined {
    const it = running;
    const told = itsEnd() === 'due' ? opened?.link.endTold(unit) : undefined;
    return told?.then(() => {
      waitedFor = it;
    });
  }

  /** What systemd told of its end, where nothing has to be asked: nobody stopped it, and that is all that there is to its end. */
  function reportNow(): ManagerReport | undefined {
    // What an alias stands for is to be asked.
    const facts = id === unit ? opened?.link.told(unit) : undefined;
    if (facts === undefined || opened === undefined || !facts.endsAlone || !isDown(facts)) return undefined;
    if (facts.mainPid !== 0 || !isUndisturbed(facts, opened.link)) return undefined;
    running = undefined;
    return reportAs(facts, byItself);
  }

  /** An alias may come to stand for another unit (`systemctl enable`, a changed link): every answer says it anew. */
  function goBy(name: string): void {
    if (name === '') return;
    idKnown = true;
    if (name === id) return;
    id = name;
    ran = undefined;
    if (unfollow === undefined) return;
    unfollow();
    unfollow = followLater(theScope(), id, changed);
  }

  async function itsId(): Promise<string> {
    if (!idKnown) {
      const asked = await (await theScope()).link.read(unit);
      if (asked.ok) goBy(asked.value.id);
    }
    return id;
  }

  /** Undefined when it was overtaken. */
  async function howItEnded(facts: UnitFacts, overtaken: AbortSignal): Promise<KnownEnd | undefined> {
    // Whatever became of it, it is about to be started: nothing to wait for the journal for.
    if (facts.job !== 0 && facts.jobType !== 'stop') return byItself;
    const { link, journal } = await theScope();
    if (isUndisturbed(facts, link)) return byItself;
    const key = `${facts.activeState} ${facts.invocation} ${facts.stateChangedAt}`;
    const now = host.clock.monotonic();
    if (known !== undefined && known.key === key && now - known.at < endKnownFor) return known.end;
    const end = await endOf(host, id, journal, facts.activeState, overtaken);
    if (end !== undefined && end.byHand !== 'unknown') known = { key, at: now, end };
    return end;
  }

  /** Without any job since it was seen running nobody stopped it: no need to wait for the journal. */
  function isUndisturbed({ job, invocation }: UnitFacts, { jobEvents }: SystemdLink): boolean {
    return ran !== undefined && ran.jobEvents === jobEvents(id) && job === 0 && ran.invocation === invocation;
  }

  /** BindsTo= makes systemd itself stop a unit when the other fails: a stop job that nobody asked for. */
  async function failedOf(units: readonly string[]): Promise<string | undefined> {
    const { link } = await theScope();
    for (const other of units) {
      const asked = await link.read(other);
      if (asked.ok && asked.value.activeState === 'failed') return other;
    }
    return undefined;
  }

  function followGroup(path: string): void {
    if (followers.size === 0 || path === '' || cgroup?.path === path) return;
    cgroup?.stop();
    const end = host.cgroups?.watch(path, changed);
    cgroup = end === undefined ? undefined : { path, stop: end };
  }

  function changed(): void {
    known = undefined;
    for (const one of asking) one.abort();
    for (const follower of followers) follower();
  }

  return {
    report,
    reportNow,
    endTold,
    hostStays: () => opened?.link.hostStays() === true,
    async operate(kind, signal) {
      const { link, journal } = await theScope();
      known = undefined;
      return operateUnit({ link, host, unit: await itsId(), journal, context }, kind, signal);
    },
    async refusal() {
      return (await theScope()).link.refusal(await itsId());
    },
    async logs(lines) {
      return journalLines(host, await itsId(), (await theScope()).journal, lines, journalMemory);
    },
    follow(follower) {
      followers.add(follower);
      unfollow ??= followLater(theScope(), id, changed);
      return () => {
        followers.delete(follower);
        if (followers.size === 0) end();
      };
    },
    close() {
      followers.clear();
      end();
      void scope?.then((opened) => opened.release());
      scope = undefined;
      opened = undefined;
    },
  };

  function end(): void {
    unfollow?.();
    unfollow = undefined;
    cgroup?.stop();
    cgroup = undefined;
  }
}

function ranUntil({ invocation }: UnitFacts, jobEvents: number | undefined) {
  return jobEvents === undefined ? undefined : { invocation, jobEvents };
}

/** Following begins once the way to systemd is open, and not at all when it was ended before. */
function followLater(scope: Promise<SystemdScope>, unit: string, changed: () => void): () => void {
  let ended = false;
  let stop = () => {};
  void scope.then(({ link }) => {
    if (!ended) stop = link.follow(unit, changed);
  });
  return () => {
    ended = true;
    stop();
  };
}
