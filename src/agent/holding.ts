import type { Host } from '../host/host.ts';
import { within } from '../host/time/within.ts';
import type { HoldWhile, Service } from '../model/service.ts';
import type { Input } from '../model/step.ts';

/** Finds out whether a `hold_while` of a service applies: a package upgrade that runs, a lock file that is there. */
export interface Holding {
  /** Looks again when the last look is too old, and tells the engine the first answer and every one that differs from the last. */
  refresh(service: Service): Promise<void>;
  /** Its rules may be others now: what was found by the old ones counts no more, and the next answer is a first one. */
  forget(service: string): void;
  /** Services that were looked at and not forgotten. */
  known(): readonly string[];
}

/** Milliseconds that an answer is good for. */
const FILE_AGE = 500;
const COMMAND_AGE = 5000;
/** A command that takes longer does not delay the check: its answer counts from the next cycle on. */
const PATIENCE = 1000;

interface Known {
  at: number;
  looking: Promise<void> | undefined;
  /** What the engine was told by this look-out: not yet anything, though an earlier agent may have told it something. */
  told: { readonly reason: string | undefined } | undefined;
}

/** Looks through `host` and tells what it finds as `holding` inputs; what cannot be found out holds nothing. */
export function createHolding(parts: {
  readonly host: Host;
  readonly tell: (input: Input) => void;
}): Holding {
  const { host, tell } = parts;
  const known = new Map<string, Known>();

  async function holds(hold: HoldWhile): Promise<string | undefined> {
    if ('exists' in hold) return (await host.files.exists(hold.exists)) ? `${hold.exists} exists` : undefined;
    const result = await host.commands.run(hold.run, { keep: 200 });
    if (result.outcome !== 'exited' || result.code !== 0) return undefined;
    return `${hold.run.argv.join(' ')} says so`;
  }

  async function look(service: Service, memory: Known): Promise<void> {
    const reasons = await Promise.all(service.holdWhile.map(holds));
    // Forgotten meanwhile: what was asked by rules of before says nothing about those of now.
    if (known.get(service.name) !== memory) return;
    memory.at = host.clock.monotonic();
    const reason = reasons.find((text) => text !== undefined);
    if (memory.told !== undefined && memory.told.reason === reason) return;
    memory.told = { reason };
    tell({ type: 'holding', service: service.name, ...(reason === undefined ? {} : { reason }) });
  }

  return {
    async refresh(service) {
      const memory = known.get(service.name) ?? {
        at: Number.NEGATIVE_INFINITY,
        looking: undefined,
        told: undefined,
      };
      known.set(service.name, memory);
      const age = service.holdWhile.some((hold) => 'run' in hold) ? COMMAND_AGE : FILE_AGE;
      if (host.clock.monotonic() - memory.at <= age) return;
      memory.looking ??= look(service, memory).finally(() => {
        memory.looking = undefined;
      });
      await within(host.clock, PATIENCE, memory.looking, undefined);
    },
    forget: (service) => void known.delete(service),
    known: () => [...known.keys()],
  };
}
