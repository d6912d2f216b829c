/** A signal that aborts on Ctrl-C or SIGTERM, once; `end` gives both their usual meaning back. */
export function untilInterrupted(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
