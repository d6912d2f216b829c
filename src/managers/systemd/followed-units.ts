import type { Clock } from '../../host/clock.ts';
import type { BusMessage } from '../../host/dbus.ts';
import { FollowedUnit } from './followed-unit.ts';
import { type KeptBus, managerPath } from './kept-bus.ts';
import { unitPath } from './systemd-unit.ts';

/** All units of one systemd that somebody follows. What systemd tells goes to those it concerns, which may be one of a thousand. */
export class FollowedUnits {
  private readonly bus: KeptBus;
  private readonly clock: Clock;
  private readonly byName = new Map<string, FollowedUnit>();
  private readonly byPath = new Map<string, FollowedUnit>();
  private stop: (() => void) | undefined;

  /** Nothing is listened to while nobody follows a unit. */
  constructor(bus: KeptBus, clock: Clock) {
    this.bus = bus;
    this.clock = clock;
  }

  get(name: string): FollowedUnit | undefined {
    return this.byName.get(name);
  }

  /** Calls back when the unit changed, or when changes may have been missed. Returns the way to stop. */
  follow(name: string, changed: () => void): () => void {
    const unit = this.byName.get(name) ?? this.begin(name);
    // A follower that follows twice is called twice.
    const follower = () => changed();
    unit.followers.add(follower);
    return () => {
      unit.followers.delete(follower);
      if (unit.followers.size === 0 && this.byName.get(name) === unit) this.end(name);
    };
  }

  private begin(name: string): FollowedUnit {
    const unit = new FollowedUnit(name, () => this.clock.monotonic());
    this.byName.set(name, unit);
    this.byPath.set(unitPath(name), unit);
    this.stop ??= this.bus.listen((event) => this.hear(event));
    return unit;
  }

  private end(name: string): void {
    this.byName.delete(name);
    this.byPath.delete(unitPath(name));
    if (this.byName.size > 0) return;
    this.stop?.();
    this.stop = undefined;
  }

  private hear(event: BusMessage | 'lost'): void {
    if (event === 'lost') this.tellAll(event);
    else if (event.path !== managerPath) this.byPath.get(event.path ?? '')?.hear(event);
    else if (event.member === 'JobNew' || event.member === 'JobRemoved')
      this.byName.get(String(event.body()[2]))?.hear(event);
    else if (event.member === 'UnitNew' || event.member === 'UnitRemoved')
      this.byName.get(String(event.body()[0]))?.hear(event);
    else this.tellAll(event);
  }

  /** Whoever hears of it may begin or end to follow. */
  private tellAll(event: BusMessage | 'lost'): void {
    for (const unit of [...this.byName.values()]) unit.hear(event);
  }
}
