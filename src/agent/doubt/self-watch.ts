import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../lib/duration.ts';
import { formatSize } from '../../lib/size.ts';
import type { Input } from '../../model/step.ts';

/**
 * Looks at the agent itself: whether it stood still, whether the clock jumped or the machine slept, whether it runs out of
 * descriptors or memory. While something is wrong its results are not to be trusted, and it says why.
 */
export interface SelfWatch {
  /** One look; meant to be called every `LOOK_EVERY` milliseconds, and before a bad result is believed. */
  look(): void;
  /** What was done until now took long on purpose (reading thousands of rules): it is no stall. */
  excuse(): void;
  /** The slower look at descriptors and memory. */
  lookAtResources(): Promise<void>;
  /** Something else that the agent cannot be trusted for (`undefined`: no longer). */
  doubt(source: string, reason: string | undefined): void;
  readonly reason: string | undefined;
}

/** Milliseconds between two looks. */
export const LOOK_EVERY = 1000;
/** Later than this by so many milliseconds, everything else in this process was late, too. */
const STALL = 2000;
/** Wall and monotonic clock apart by more than this since the last look: a jump, or a sleep. */
const JUMP = 2000;
/** After a stall or a jump, probes that were under way and connections that broke need this long to mean something again. */
const SETTLE = 5000;
/** Share of a limit from which on new work fails for want of it. */
const EXHAUSTED = 0.95;

/** Looks at nothing by itself; `tell` gets a `trust` input each time when what it doubts becomes another. */
export function createSelfWatch(parts: {
  readonly host: Host;
  readonly tell: (input: Input) => void;
  /** The wall clock moved against the monotonic one. */
  readonly onJump: () => void;
}): SelfWatch {
  const { clock } = parts.host;
  const reasons = new Map<string, string>();
  let told: string | undefined;
  let last = { monotonic: clock.monotonic(), wall: clock.instant().wall };
  const settling = new Map<string, number>();

  function doubt(source: string, reason: string | undefined): void {
    if (reason === undefined) reasons.delete(source);
    else reasons.set(source, reason);
    const now = [...reasons.values()].join('; ') || undefined;
    if (now === told) return;
    told = now;
    parts.tell(
      now === undefined ? { type: 'trust', trusted: true } : { type: 'trust', trusted: false, reason: now },
    );
  }

  function settle(source: string, reason: string, monotonic: number): void {
    settling.set(source, monotonic + SETTLE);
    doubt(source, reason);
  }

  async function whyNoDescriptors(): Promise<string | undefined> {
    const { files } = await parts.host.processes.usage(parts.host.self.pid, { files: true });
    if (files?.limit !== undefined && files.open > files.limit * EXHAUSTED)
      return `the agent has used up its file descriptors (${files.open} of ${files.limit})`;
    if (files !== undefined) return undefined;
    // Counting them takes one, too: with none left it is the failure that tells.
    const counted = await parts.host.files.list(`/proc/${parts.host.self.pid}/fd`);
    const none = !counted.ok && (counted.code === 'EMFILE' || counted.code === 'ENFILE');
    return none ? 'the agent has used up its file descriptors: none is left to count them' : undefined;
  }

  return {
    excuse() {
      last = { monotonic: clock.monotonic(), wall: clock.instant().wall };
    },
    look() {
      const monotonic = clock.monotonic();
      const { wall } = clock.instant();
      const passed = monotonic - last.monotonic;
      const jumped = wall - last.wall - passed;
      if (passed > LOOK_EVERY + STALL) {
        settle('stall', `the agent stood still for ${formatDuration(passed - LOOK_EVERY)}`, monotonic);
      }
      if (Math.abs(jumped) > JUMP) {
        const how =
          jumped > 0
            ? `the clock went ahead by ${formatDuration(jumped)}: it was set, or the machine slept`
            : `the clock was set back by ${formatDuration(-jumped)}`;
        settle('clock', how, monotonic);
        parts.onJump();
      }
      last = { monotonic, wall };
      for (const [source, until] of settling) {
        if (monotonic < until) continue;
        settling.delete(source);
        doubt(source, undefined);
      }
    },
    async lookAtResources() {
      doubt('descriptors', await whyNoDescriptors());
      const { used, limit } = parts.host.self.heap();
      doubt(
        'memory',
        used > limit * EXHAUSTED ? `the agent has used up its memory (${formatSize(limit)})` : undefined,
      );
    },
    doubt,
    get reason() {
      return told;
    },
  };
}
