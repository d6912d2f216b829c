import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { PidfdLibrary } from '../deaths/pidfd-library.ts';
import type { SignalResult } from '../processes.ts';

/** Sends a signal and puts the system's answer into words; the caller has just made sure whose number it is. */
export function sendSignal(pid: number, signal: string): SignalResult {
  try {
    process.kill(pid, `SIG${signal}`);
    return { ok: true };
  } catch (error) {
    return refused(pid, signal, (error as NodeJS.ErrnoException).code ?? 'UNKNOWN');
  }
}

/**
 * The same through a descriptor of the process, so that no successor can get the signal that takes its number between the
 * look and the signal; `isIt` looks while the descriptor is held. Undefined where there is no descriptor to be had.
 */
export function sendSignalSurely(
  library: PidfdLibrary,
  pid: number,
  signal: string,
  isIt: () => SignalResult,
): SignalResult | undefined {
  const descriptor = library.open(pid);
  if (descriptor === 'ESRCH') return refused(pid, signal, 'ESRCH');
  if (typeof descriptor !== 'number') return undefined;
  try {
    const sure = isIt();
    if (!sure.ok) return sure;
    const number = constants.signals[`SIG${signal}` as keyof typeof constants.signals];
    const error = library.signal(descriptor, number);
    return error === 0 ? { ok: true } : refused(pid, signal, getSystemErrorName(-error));
  } finally {
    library.close(descriptor);
  }
}

function refused(pid: number, signal: string, code: string): SignalResult {
  if (code === 'EPERM') {
    const reason = `process ${pid} belongs to another user and may not be signalled; run the watcher as root or as that user`;
    return { ok: false, code, reason };
  }
  const reason = code === 'ESRCH' ? `process ${pid} is gone` : `signal ${signal}: ${code}`;
  return { ok: false, code, reason };
}
