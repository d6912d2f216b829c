import type { Kinds } from '../../config/kinds.ts';
import type { Host } from '../../host/host.ts';
import type { Config } from '../../model/config.ts';
import type { Counters } from '../../telemetry/counters.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Core } from '../core.ts';
import { createDeliverer, type Deliverer } from '../deliverer.ts';
import type { Memory } from '../open-memory.ts';
import type { Evidence } from './evidence.ts';

/** Notices from the outbox to people, as soon as they are written down. */
export interface Notices {
  /** There may be something to carry. */
  deliver(): void;
  /** These notifiers are in use from now on. */
  configure(config: Config): void;
  stop(): Promise<void>;
}

export interface NoticesParts {
  readonly host: Host;
  readonly kinds: Kinds['notifiers'];
  readonly core: Core;
  readonly memory: Memory;
  readonly evidence: Evidence;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly onBug: (error: unknown, about: string) => void;
}

/** Carries notices through the notifiers' own code. */
export function createNotices(parts: NoticesParts): Notices {
  const { host, core, memory, onBug } = parts;
  const deliverer: Deliverer = createDeliverer({
    clock: host.clock,
    outbox: memory.outbox,
    config: () => core.config,
    state: () => core.state,
    sync: () => memory.store.sync(),
    send(notifier, notice, attempt) {
      const kind = parts.kinds[notifier.kind];
      if (kind === undefined) throw new Error(`no notifier is called ${notifier.kind}`);
      const options = notifier.options as never;
      return kind.send(notice, { ...attempt, options, host, evidence: parts.evidence.read });
    },
    tell: core.apply,
    counters: parts.counters,
    logger: parts.logger,
    onBug,
  });
  return {
    deliver: deliverer.wake,
    configure({ notifiers }) {
      deliverer.wake();
      if (Object.keys(notifiers).length === 0) return;
      host
        .prepareNotices?.()
        .catch((error: unknown) => onBug(error, 'reading the code that carries notices'));
    },
    stop: deliverer.stop,
  };
}

/** A dry run tells nobody: it says whom it would tell. */
export function rehearseNotices({ memory, logger }: Pick<NoticesParts, 'memory' | 'logger'>): Notices {
  return {
    deliver() {
      for (const entry of memory.outbox.all()) {
        logger.info(`dry run: would tell ${entry.notice.notifier}: ${entry.notice.title}`);
        memory.outbox.remove(entry);
      }
    },
    configure: () => {},
    stop: async () => {},
  };
}
