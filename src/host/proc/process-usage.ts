import { readdirSync } from 'node:fs';
import type { ProcessUsage, UsageWanted } from '../processes.ts';
import type { ProcReader } from './read-proc.ts';

/** Costlier facts of one process from its folder in /proc; what may not be read is absent. */
export function procUsage(reader: ProcReader, folder: string, wanted: UsageWanted): ProcessUsage {
  const files = wanted.files ? readFiles(reader, folder) : undefined;
  const io = wanted.io ? parseIo(reader.text(`${folder}/io`) ?? '') : undefined;
  const pss = wanted.pss ? parsePss(reader.text(`${folder}/smaps_rollup`) ?? '') : undefined;
  return { ...(files && { files }), ...(io && { io }), ...(pss !== undefined && { pss }) };
}

function readFiles(reader: ProcReader, folder: string): ProcessUsage['files'] {
  let open: number;
  try {
    open = readdirSync(`${folder}/fd`).length;
  } catch {
    return undefined;
  }
  const limit = /^Max open files\s+(\d+)/m.exec(reader.text(`${folder}/limits`) ?? '')?.[1];
  return { open, ...(limit !== undefined && { limit: Number(limit) }) };
}

/** proc_pid_io(5): `rchar`/`wchar` count what system calls moved, `read_bytes`/`write_bytes` what the storage saw. */
export function parseIo(text: string): ProcessUsage['io'] {
  const value = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  const io = {
    read: value('rchar'),
    written: value('wchar'),
    diskRead: value('read_bytes'),
    diskWritten: value('write_bytes'),
  };
  return Number.isNaN(io.read + io.written + io.diskRead + io.diskWritten) ? undefined : io;
}

/** `Pss:` of smaps_rollup is in kB (of 1024 bytes): proc_pid_smaps(5). */
export function parsePss(text: string): number | undefined {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
