import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/**
 * A service may have inherited the pipe of the command that started it, and would be killed by its next line of output
 * if nobody read it any more, at the latest when the watcher ends. So the reading end is handed to a small program of
 * its own, which lives exactly as long as the service holds the other end. While it does, its number is in `readers`: it is
 * our child, but belongs where the service is.
 */
export function keepReader(pipe: Readable, readers: Set<number>): void {
  pipe.pause();
  pipe.removeAllListeners('data');
  // In case the program cannot be started: then it is read here for as long as the watcher lives.
  const readHere = () => {
    pipe.resume();
    (pipe as Readable & { unref?: () => void }).unref?.();
  };
  try {
    const reader = spawn('cat', [], {
      stdio: [pipe, 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      env: pathOnly(),
    });
    const { pid } = reader;
    if (pid !== undefined) {
      readers.add(pid);
      reader.on('exit', () => readers.delete(pid));
    }
    reader.on('error', readHere);
    reader.on('spawn', () => pipe.destroy());
    reader.unref();
  } catch {
    readHere();
  }
}

function pathOnly(): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin' };
}
