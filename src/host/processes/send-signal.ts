import type { SignalResult } from '../processes.ts';

/** Sends a signal and puts the system's answer into words; the caller has just made sure whose number it is. */
export function sendSignal(pid: number, signal: string): SignalResult {
  try {
    process.kill(pid, `SIG${signal}`);
    return { ok: true };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    if (code === 'EPERM') {
      const reason = `process ${pid} belongs to another user and may not be signalled; run the watcher as root or as that user`;
      return { ok: false, code, reason };
    }
    return {
      ok: false,
      code,
      reason: code === 'ESRCH' ? `process ${pid} is gone` : `signal ${signal}: ${code}`,
    };
  }
}
