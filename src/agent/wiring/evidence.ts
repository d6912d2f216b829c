import type { Host } from '../../host/host.ts';
import { within } from '../../host/time/within.ts';
import type { Redactor } from '../../lib/redactor.ts';
import type { EvidenceShelf } from '../../state/evidence-shelf.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { DispatcherParts } from '../dispatcher.ts';
import { captureEvidence, type EvidenceParts } from '../evidence/evidence.ts';
import type { ManagerDesk } from '../manager-desk.ts';

/** Evidence as the other parts of an agent use it: captured and added to around operations, read by notices. */
export interface Evidence extends Pick<DispatcherParts, 'capture' | 'append'> {
  /** A pack for a notice; nothing when there is none, or the disk does not give it in time. */
  read(name: string): Promise<string | undefined>;
}

/** So many milliseconds may a disk take: a notice without its evidence is better than none. */
const PATIENCE = 2000;

/** Everything on the shelf is masked by `redact` before it gets there. */
export function createEvidence(parts: {
  readonly host: Host;
  readonly desk: ManagerDesk;
  readonly shelf: EvidenceShelf;
  readonly exhibits: EvidenceParts['exhibits'];
  readonly redact: Redactor;
  readonly logger: Logger;
}): Evidence {
  const { host, desk, shelf, exhibits, redact, logger } = parts;
  const capturing = { host, desk, shelf, exhibits, redact, onTrouble: logger.warn };
  return {
    capture: (service, occasion, name) => captureEvidence(capturing, service, occasion, name),
    append: shelf.append,
    read: (name) => within(host.clock, PATIENCE, shelf.read(name), undefined),
  };
}
