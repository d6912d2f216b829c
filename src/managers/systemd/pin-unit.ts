import type { Clock } from '../../host/clock.ts';
import type { BusOutcome } from '../../host/dbus.ts';
import { within } from '../../host/time/within.ts';
import { managerInterface, managerPath, systemdName } from './kept-bus.ts';

/** Milliseconds for the bus daemon: where it hangs, the unit may be forgotten, and is operated all the same. */
const PINNED_WITHIN = 250;

/**
 * Refers to a unit (RefUnit, org.freedesktop.systemd1(5)) until the returned function is called, so that systemd does not forget
 * what became of it. Over a connection of its own by the bus daemon: over any other systemd would not learn that who refers is
 * gone, and refuses; and with the connection the reference goes. Needs rights; without them nothing is referred to.
 */
export async function pinUnit(
  open: () => Promise<BusOutcome>,
  clock: Clock,
  unit: string,
): Promise<() => void> {
  // Without a free descriptor the part that speaks D-Bus cannot be read.
  const opening = open().catch(
    (error: unknown): BusOutcome => ({ ok: false, code: 'ERROR', reason: String(error) }),
  );
  const pinned = opening.then(async (opened) => {
    if (!opened.ok) return;
    const call = { destination: systemdName, path: managerPath, interface: managerInterface };
    await opened.connection.call(
      { ...call, member: 'RefUnit', signature: 's', arguments: [unit] },
      PINNED_WITHIN,
    );
  });
  await within(clock, PINNED_WITHIN, pinned, undefined);
  return () => void opening.then((opened) => opened.ok && opened.connection.close());
}
