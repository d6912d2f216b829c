import { carrierOf, type OutboxEntry } from '../engine/notices/delivery.ts';
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

/** Opens the state folder; `forget` keeps everything in this process alone. */
export async function openMemory(config: Config, host: Host, forget: boolean): Promise<OpenedMemory> {
  let current = config;
  const over = (store: DiskStore, events: EventLog, evidence: EvidenceShelf): OpenedMemory => {
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
  };
  if (forget) return over(memoryStore(), memoryEventLog(), memoryEvidenceShelf());
  const { processes } = host;
  const identity = processes.identify(process.pid) ?? { pid: process.pid, start: 0 };
  const opened = await openStore(config.stateDir, { identity, alive: (one) => processes.alive(one) });
  if (!opened.ok) return opened;
  return over(opened.store, openEventLog(config.stateDir), openEvidenceShelf(config.stateDir));
}
