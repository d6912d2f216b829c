import type { Service } from '../../model/service.ts';
import type { Input } from '../../model/step.ts';
import type { CapturedEvidence, Occasion } from './evidence.ts';

/** Evidence to capture, or that is being captured. */
export interface EvidenceOrder {
  readonly service: Service;
  readonly incident: string;
  /** Name of the pack. */
  readonly name: string;
  readonly occasion: Occasion;
}

/** Reads evidence at once, or in a line, one pack after the other: reading keeps the processor from what is urgent. */
export interface EvidenceLine {
  now(order: EvidenceOrder): Promise<void>;
  /** After a moment in which no repair begins (but not for ever), and after those before it. Resolves once it is captured. */
  soon(order: EvidenceOrder): Promise<void>;
  /**
   * The same for an incident that no repair begins for. Those of one service that wait share a pack; where too many wait
   * already, because half of the world is down, it is left out.
   */
  atLeisure(order: EvidenceOrder): Promise<void>;
  /** What still waits is left out. */
  stop(): void;
}

export interface EvidenceLineParts {
  /** Never fails, bounded in time. */
  readonly capture: (service: Service, occasion: Occasion, name: string) => Promise<CapturedEvidence>;
  readonly tell: (input: Input) => void;
  readonly after: (ms: number, run: () => void) => { cancel(): void };
}

/** Milliseconds that repairs in a hurry have before evidence is read, and between the packs of several. */
const HURRY = 250;
/**
 * For so many of these moments, one after another, evidence waits while repairs keep beginning: ten seconds, and where they go on after
 * that, two for each pack. Reading one takes the processor from every repair that begins meanwhile.
 */
const MOMENTS = { first: 40, more: 8 };
/** So many packs of incidents without a repair may wait: more would be old before they were read. */
const MOST_WAITING = 10;
/** So many packs of repairs may wait: at four a second, once no more begin, the last one is read when what it is about is half a minute old. */
const MOST_SOON = 100;

/** An empty line. What is captured is told as an `evidence-captured` input. */
export function createEvidenceLine(parts: EvidenceLineParts): EvidenceLine {
  /** The last pack of the line. */
  let last = Promise.resolve();
  let stopped = false;
  /** Packs of repairs that wait to be read. */
  let soon = 0;
  /** Repairs in a hurry that have begun. */
  let begun = 0;
  /** Whether repairs have kept beginning for longer than evidence waits at first. */
  let storm = false;
  /** Packs at leisure that nobody has begun to read, by service. */
  const waiting = new Map<string, EvidenceOrder[]>();

  async function now({ service, incident, name, occasion }: EvidenceOrder): Promise<void> {
    const { summary } = await parts.capture(service, occasion, name);
    parts.tell({ type: 'evidence-captured', incident, evidence: name, summary });
  }

  /** What reads the whole process table would stand in the way of the next death. */
  async function quiet(): Promise<void> {
    for (let left = storm ? MOMENTS.more : MOMENTS.first; left > 0; left -= 1) {
      const before = begun;
      await new Promise<void>((resolve) => parts.after(HURRY, resolve));
      if (begun !== before) continue;
      storm = false;
      return;
    }
    storm = true;
  }

  function enter(read: () => Promise<void>): Promise<void> {
    const before = last;
    const mine = (async () => {
      await before;
      if (stopped) return;
      await quiet();
      await read();
    })();
    last = mine.catch(() => undefined);
    return mine;
  }

  return {
    now,
    async soon(order) {
      if (soon >= MOST_SOON) {
        const summary = `not captured: ${MOST_SOON} others were waiting`;
        parts.tell({ type: 'evidence-captured', incident: order.incident, evidence: order.name, summary });
        return;
      }
      begun += 1;
      soon += 1;
      await enter(() => now(order)).finally(() => {
        soon -= 1;
      });
    },
    async atLeisure(order) {
      const { name } = order.service;
      const others = waiting.get(name);
      if (others !== undefined) {
        others.push(order);
        return;
      }
      if (waiting.size >= MOST_WAITING) return;
      const orders = [order];
      waiting.set(name, orders);
      await enter(async () => {
        waiting.delete(name);
        const text = [...new Set(orders.map(({ occasion }) => occasion.text))].join('; ');
        const commands = orders.some(({ occasion }) => occasion.commands);
        const { summary } = await parts.capture(order.service, { text, commands }, order.name);
        for (const { incident } of orders)
          parts.tell({ type: 'evidence-captured', incident, evidence: order.name, summary });
      });
    },
    stop() {
      stopped = true;
    },
  };
}
