import { reload } from './reload.ts';
import type { RepairKind } from './repair-kind.ts';
import { restart } from './restart.ts';
import { run } from './run.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

/** Every repair that a check may name under `repair:`, in the order of the reference. */
export const repairKinds: readonly RepairKind[] = [restart, start, stop, reload, run];
