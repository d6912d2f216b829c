import { getHeapStatistics } from 'node:v8';
import { watchdogOf } from '../notify-socket.ts';
import type { Self } from '../self.ts';

/** This very process, as Node knows it; nothing of it is read from the system before it is asked for. */
export function createRealSelf(): Self {
  return {
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    hasWatchdog: watchdogOf(process.env) !== undefined,
    heap() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return { used, limit };
    },
    usage() {
      const { user, system } = process.cpuUsage();
      return {
        residentBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1e6,
        startedAt: performance.timeOrigin,
      };
    },
  };
}
