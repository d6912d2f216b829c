import type { FileResult } from './files.ts';

/** Mounted file systems. A dead network mount can never hang the caller: every call has a deadline. */
export interface Filesystems {
  usage(path: string, timeoutMs: number): Promise<FileResult<FilesystemUsage>>;
  mounts(): Promise<readonly Mount[]>;
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** `free` counts what an unprivileged user may still take, as `df` does. Bytes and inodes. */
export interface FilesystemUsage {
  readonly size: number;
  readonly used: number;
  readonly free: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly readOnly: boolean;
  readonly mount: Mount | undefined;
}
