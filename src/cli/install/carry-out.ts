import type { Io } from '../io.ts';

/** One thing that a command does to this machine, told before it is done. */
export interface Step {
  /** `write /etc/watcher/watcher.yaml`; with nothing to do: `keep ...`. */
  readonly says: string;
  /** Undefined when it worked, else why not. Absent: there is nothing to do. */
  readonly act?: () => Promise<string | undefined>;
}

/** Does the steps in order and says each; with `dryRun` only says them. Resolves to the sentence about the one that failed. */
export async function carryOut(
  steps: readonly Step[],
  io: Pick<Io, 'out'>,
  how: { readonly dryRun: boolean; readonly quiet: boolean },
): Promise<string | undefined> {
  if (how.dryRun) io.out('Nothing is done (--dry-run). It would:\n');
  for (const step of steps) {
    if (how.dryRun || !how.quiet) io.out(`  ${step.says}\n`);
    if (how.dryRun || step.act === undefined) continue;
    const trouble = await step.act();
    if (trouble !== undefined) return `cannot ${step.says}: ${trouble}`;
  }
  return undefined;
}
