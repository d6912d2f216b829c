import type { Logger } from '../../telemetry/logger.ts';
import { exitCodes } from '../exit-codes.ts';

/** So many within a minute are no accident any more: whoever runs the agent should start it anew. */
const MOST = 20;
const MINUTE = 60_000;

/**
 * An error that nobody caught is a mistake in watcher. It is logged, and the agent goes on: watching with one broken corner
 * is better than not watching, and its state is safe at any moment. Returns the way to stop guarding.
 */
export function guardMistakes(logger: Logger, exit: (code: number) => void = process.exit): () => void {
  let recent: number[] = [];
  const tell = (error: unknown): void => {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logger.error(`a mistake in watcher itself, please report it: ${detail}`);
    const now = performance.now();
    recent = [...recent.filter((at) => now - at < MINUTE), now];
    if (recent.length < MOST) return;
    logger.error(`${MOST} of them within a minute: giving up`);
    exit(exitCodes.bug);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
  return () => {
    process.off('uncaughtException', tell);
    process.off('unhandledRejection', tell);
  };
}
