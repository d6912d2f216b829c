/**
 * What the system refused in the middle of something (no descriptor left, no memory: errno(3)), as a sentence; undefined for
 * anything else that was thrown, which is a mistake in watcher.
 */
export function refusedBySystem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^E(?!RR_)[A-Z0-9]+$/.test(error.code) ? error.message : undefined;
}
