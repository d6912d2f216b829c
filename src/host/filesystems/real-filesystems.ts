import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { realpath, statfs } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { createBounded } from '../files/bounded.ts';
import { fileFailure } from '../files/file-failure.ts';
import type { FileResult } from '../files.ts';
import type { Filesystems, FilesystemUsage, Mount } from '../filesystems.ts';
import { mayHang, mountOf, parseMountinfo } from './mounts.ts';

interface Counts {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** Mounted file systems through statfs(2). The list of mounts comes from /proc, which no dead server can hold up. */
export function createRealFilesystems(clock: Clock): Filesystems {
  const bounded = createBounded(clock);
  return {
    mounts: async () => readMounts(),
    async usage(path, timeoutMs) {
      const mounts = readMounts();
      const lexical = mountOf(path, mounts);
      const key = lexical?.target ?? path;
      return bounded.run(key, timeoutMs, async () => {
        try {
          if (mayHang(lexical)) return fromCounts(await askProgram(path, timeoutMs), lexical);
          const real = await realpath(path);
          // A link may lead to another mount, perhaps to one that hangs.
          const mount = mountOf(real, mounts);
          const counts = mayHang(mount) ? await askProgram(real, timeoutMs) : await askKernel(real);
          return fromCounts(counts, mount);
        } catch (error) {
          return fileFailure(path, error);
        }
      });
    },
  };
}

function readMounts(): readonly Mount[] {
  try {
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

async function askKernel(path: string): Promise<Counts> {
  const facts = await statfs(path);
  return {
    blockSize: facts.bsize,
    blocks: facts.blocks,
    blocksFree: facts.bfree,
    blocksAvailable: facts.bavail,
    inodes: facts.files,
    inodesFree: facts.ffree,
  };
}

/** Lets stat(1) do the call that may hang for ever: then a program hangs, and none of our few threads. */
function askProgram(path: string, timeoutMs: number): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const words = ['-f', '-c', '%S %b %f %a %c %d', '--', path];
    execFile('stat', words, { timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, output, complaint) => {
      if (error) {
        const code = /No such file/.test(complaint) ? 'ENOENT' : /denied/.test(complaint) ? 'EACCES' : 'EIO';
        reject(Object.assign(new Error(complaint.trim() || error.message), { code }));
        return;
      }
      const [blockSize = 0, blocks = 0, blocksFree = 0, blocksAvailable = 0, inodes = 0, inodesFree = 0] =
        output.trim().split(' ').map(Number);
      resolve({ blockSize, blocks, blocksFree, blocksAvailable, inodes, inodesFree });
    });
  });
}

/** As df(1): what is reserved for root counts neither as used nor as free. */
function fromCounts(counts: Counts, mount: Mount | undefined): FileResult<FilesystemUsage> {
  const used = (counts.blocks - counts.blocksFree) * counts.blockSize;
  return {
    ok: true,
    value: {
      size: counts.blocks * counts.blockSize,
      used,
      free: counts.blocksAvailable * counts.blockSize,
      inodes: counts.inodes,
      inodesFree: counts.inodesFree,
      readOnly: mount?.options.includes('ro') ?? false,
      mount,
    },
  };
}
