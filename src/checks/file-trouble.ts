import type { ProbeResult } from '../model/reading.ts';

/** Codes that tell about what is looked at. All others are troubles of the watcher (rights, descriptors): unknown. */
const ABOUT_THE_FILE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL', 'ELOOP', 'EIO', 'ESTALE', 'ENXIO'];

/**
 * What a failed look at a file means. `outage`: not answering in time is the failure itself, as of a file system whose
 * server is gone; for a single file it only means that nobody can tell.
 */
export function fileTrouble(
  failure: { readonly code: string; readonly reason: string },
  { outage = false }: { readonly outage?: boolean } = {},
): ProbeResult {
  const failed = ABOUT_THE_FILE.includes(failure.code) || (outage && failure.code === 'ETIMEDOUT');
  if (!failed) return { outcome: 'unknown', reason: failure.reason };
  return { outcome: 'failed', reason: failure.reason };
}
