import { afterRestart, carrierOf, type OutboxEntry } from '../engine/notices/delivery.ts';
import type { Host } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import { type EventLog, memoryEventLog, openEventLog } from '../state/event-log.ts';
import { type EvidenceShelf, memoryEvidenceShelf, openEvidenceShelf } from '../state/evidence-shelf.ts';
import { memoryStore } from '../state/memory-store.ts';
import { openStore } from '../state/open-store.ts';
import { type Outbox, openOutbox } from '../state/outbox.ts';
import type { DiskStore, StoreFailure } from '../state/store.ts';

/** Everything of the agent that outlives it. */
export interface Memory {
  readonly store: DiskStore;
  readonly outbox: Outbox<OutboxEntry>;
  readonly events: EventLog;
  readonly evidence: EvidenceShelf;
  /** The configuration by which the outbox says who carries what. */
  follow(config: Config): void;
}

export type OpenedMemory =
  | { readonly ok: true; readonly memory: Memory }
  | { readonly ok: false; readonly failure: StoreFailure };

/** Opens the state folder of the configuration. Gives the failure when it cannot be used, or another agent uses it. */
export async function openMemory(config: Config, { self, processes, clock }: Host): Promise<OpenedMemory> {
  const identity = processes.identify(self.pid) ?? { pid: self.pid, start: 0 };
  const opened = await openStore(config.stateDir, { identity, alive: (one) => processes.alive(one) });
  if (!opened.ok) return opened;
  const { stateDir } = config;
  const memory = memoryOver(config, opened.store, openEventLog(stateDir), openEvidenceShelf(stateDir));
  if (memory.ok) resume(memory.memory.outbox, clock.instant().now);
  return memory;
}

/** Keeps everything in this process alone: for a dry run. */
export function openFleetingMemory(config: Config): OpenedMemory {
  return memoryOver(config, memoryStore(), memoryEventLog(), memoryEvidenceShelf());
}

/** What an earlier agent left is due by this agent's clock. */
function resume(outbox: Outbox<OutboxEntry>, now: number): void {
  for (const entry of outbox.all()) {
    const due = afterRestart(entry, now);
    if (due !== entry) outbox.update(due);
  }
}

function memoryOver(
  config: Config,
  store: DiskStore,
  events: EventLog,
  evidence: EvidenceShelf,
): OpenedMemory {
  let current = config;
  const outbox = openOutbox<OutboxEntry>(store, {
    carrierOf: (entry) => carrierOf(current, entry) ?? entry.notice.notifier,
    topicsOf: ({ notice }) => notice.items.map(({ incident }) => incident),
  });
  return {
    ok: true,
    memory: {
      store,
      outbox,
      events,
      evidence,
      follow(next) {
        current = next;
        outbox.resort();
      },
    },
  };
}
