import type { BusMessage } from '../../host/dbus.ts';
import { managerPath } from './kept-bus.ts';
import {
  factsOf,
  isDown,
  UNIT_PROPERTIES,
  type UnitFacts,
  type UnitProperties,
  unitPath,
} from './systemd-unit.ts';

/** How long, in milliseconds, an answer is believed where no change was told: the need of a daemon-reload is not. */
const KNOWN_FOR = 1_000;

/** What has to be told of a service that ends, for its end to be known without a question; less what its systemd does not know. */
const TOLD_OF_AN_END = [
  'ActiveState',
  'SubState',
  'StateChangeTimestamp',
  'InactiveEnterTimestamp',
  'ConditionResult',
  'AssertResult',
  'Job',
  'Result',
  'MainPID',
  'ExecMainExitTimestamp',
  'ExecMainCode',
  'ExecMainStatus',
] as const;

/**
 * What is known of a unit that is followed: what systemd answered last, and what it has told since. Of a service that
 * ends, and that it does not start again itself, it tells all that matters, which saves a question while PID 1 has its
 * hands full; of everything else only that it changed, and it is asked anew.
 */
export class FollowedUnit {
  /** Events of its jobs so far. */
  jobEvents = 0;
  readonly followers = new Set<() => void>();
  private readonly unit: string;
  private readonly path: string;
  /** Serial of the last signal about the unit on this connection. */
  private toldAt = 0;
  /** That of the last one about a job of it. */
  private jobToldAt = 0;
  private known: { readonly facts: UnitFacts; readonly at: number } | undefined;
  /** The last answer about a run that goes on, with what was told since. */
  private run:
    | { readonly began: unknown; readonly properties: Record<string, unknown>; readonly endsAlone: boolean }
    | undefined;
  /** Names of what was told since that answer. */
  private readonly told = new Set<string>();
  private readonly waiting = new Set<() => void>();
  private readonly now: () => number;

  /** `now`: milliseconds that never go back. */
  constructor(unit: string, now: () => number) {
    this.unit = unit;
    this.path = unitPath(unit);
    this.now = now;
  }

  /** What is true as far as systemd has told; undefined where it has to be asked. */
  get facts(): UnitFacts | undefined {
    return this.known !== undefined && this.now() - this.known.at < KNOWN_FOR ? this.known.facts : undefined;
  }

  /** Whether it runs as far as is known, and its end will be told whole: for who knows that its main process is dead. */
  get tellsOfEnd(): boolean {
    const state = this.run?.properties.ActiveState;
    return state === 'active' || state === 'deactivating';
  }

  /** And whether that is all that there is to know then. */
  get tellsAll(): boolean {
    return this.tellsOfEnd && this.run?.endsAlone === true;
  }

  /** Notes an answer, unless something was told after it: `serial` is that of the reply. */
  answered(properties: UnitProperties, facts: UnitFacts, serial: number): void {
    // A unit is told of under its own name, not under an alias.
    if (facts.id !== this.unit || facts.job !== 0 || this.toldAt >= serial) return;
    this.known = { facts, at: this.now() };
    this.told.clear();
    // What systemd is about to start again it calls failed for a moment, so that everybody learns of it (service_enter_dead() of
    // its source); who asks finds it waiting.
    const goesOn = facts.activeState === 'active' || facts.activeState === 'deactivating';
    this.run =
      goesOn && !facts.isStartedAgain
        ? {
            began: properties.InactiveExitTimestamp,
            properties: { ...properties },
            endsAlone: facts.endsAlone,
          }
        : undefined;
  }

  /** Events of its jobs until an answer, unless one was told after it: `serial` is that of the reply. */
  jobEventsUntil(serial: number): number | undefined {
    return this.jobToldAt < serial ? this.jobEvents : undefined;
  }

  /** Takes a signal of systemd, or that signals may have been missed. */
  hear(event: BusMessage | 'lost'): void {
    if (event === 'lost') {
      this.jobEvents += 1;
      // Who counts anew begins at the bottom.
      this.toldAt = 0;
      this.jobToldAt = 0;
      this.forget();
      this.changed();
      return;
    }
    // JobNew and JobRemoved carry the number of the job, its object and its unit.
    if (event.member === 'JobNew' || event.member === 'JobRemoved') {
      if (event.body()[2] !== this.unit) return;
      this.jobEvents += 1;
      // Before systemd 240 the end of a job is told a moment before what it has changed.
      this.toldAt = event.serial;
      this.jobToldAt = event.serial;
      this.known = undefined;
      return;
    }
    if (event.path === this.path) this.hearOfUnit(event);
    else if (concernsAll(event, this.path)) {
      this.toldAt = event.serial;
      this.forget();
      this.changed();
    }
  }

  /**
   * The facts of its end, as soon as they are told; undefined where they are not going to be, or `signal` aborts first. For
   * who knows that its main process is dead.
   */
  end(signal: AbortSignal): Promise<UnitFacts | undefined> {
    return new Promise((resolve) => {
      const look = () => {
        const { facts } = this;
        const ended = facts !== undefined && isDown(facts);
        if (!ended && this.tellsOfEnd && !signal.aborted) return;
        this.waiting.delete(look);
        resolve(ended ? facts : undefined);
      };
      this.waiting.add(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });
  }

  private hearOfUnit(event: BusMessage): void {
    this.toldAt = event.serial;
    this.known = undefined;
    if (event.member !== 'PropertiesChanged') {
      this.forget();
      this.changed();
      return;
    }
    const [of, changes] = event.body(UNIT_PROPERTIES) as readonly [string, UnitProperties];
    if (this.run !== undefined) {
      Object.assign(this.run.properties, changes);
      for (const name in changes) this.told.add(name);
    }
    // What its type has comes first, and what every unit has last (bus_unit_send_change_signal() of systemd's source).
    if (of !== 'org.freedesktop.systemd1.Unit') return;
    this.conclude();
    this.changed();
  }

  /** All of one change was told. */
  private conclude(): void {
    const { run } = this;
    if (run === undefined) return;
    if (run.properties.InactiveExitTimestamp !== run.began) {
      this.run = undefined;
      return;
    }
    if (!TOLD_OF_AN_END.every((name) => this.told.has(name) || !(name in run.properties))) return;
    const facts = factsOf(run.properties, '');
    // Which conditions were not met is not told, nor what is to be done with it.
    const whole = facts.job === 0 && facts.conditionMet && facts.assertMet;
    if (whole && isDown(facts)) this.known = { facts, at: this.now() };
  }

  private forget(): void {
    this.known = undefined;
    this.run = undefined;
  }

  private changed(): void {
    for (const look of [...this.waiting]) look();
    for (const follower of this.followers) follower();
  }
}

/** The end of a reload of all unit files (the argument of Reloading is false then), and units that come and go. */
function concernsAll(event: BusMessage, path: string): boolean {
  if (event.path !== managerPath) return false;
  if (event.member === 'Reloading') return event.body()[0] === false;
  if (event.member !== 'UnitRemoved' && event.member !== 'UnitNew') return false;
  return event.body()[1] === path;
}
