/** Files and folders, always bounded, never blocking on a fifo or a device. */
export interface Files {
  /** First `limit` bytes (default 64 KiB) as text. Failure has the system's code (`ENOENT`) and a sentence. */
  read(path: string, limit?: number): Promise<FileResult<string>>;
  /** The same at once, for what lies in memory; undefined of everything else, of what is no regular file, and of what may not be read. */
  readNow(path: string, limit: number): FileResult<string> | undefined;
  /** Last `limit` bytes (default 64 KiB) as text. */
  tail(path: string, limit?: number): Promise<FileResult<string>>;
  /** `limit` bytes from an offset on, with the number of bytes they really were: for following a growing file. */
  range(
    path: string,
    from: number,
    limit: number,
  ): Promise<FileResult<{ readonly text: string; readonly bytes: number }>>;
  /** The path with all symbolic links resolved. */
  real(path: string): Promise<FileResult<string>>;
  /** What a symbolic link says, as it says it. */
  link(path: string): Promise<FileResult<string>>;
  /** Facts of what a path leads to; of the link itself where it leads nowhere. */
  stat(path: string): Promise<FileResult<FileFacts>>;
  /** Whether anything is there; what cannot be reached is not. */
  exists(path: string): Promise<boolean>;
  /** The same at once, for a path that lies in memory: undefined of everything else. */
  existsNow(path: string): boolean | undefined;
  /** Names in a folder, sorted. */
  list(path: string): Promise<FileResult<readonly string[]>>;
  /** Hash of the whole content, hexadecimal. */
  hash(path: string, algorithm: 'md5' | 'sha1' | 'sha256'): Promise<FileResult<string>>;
  /** Calls back after changes below or of the path, also when it is replaced by rename. */
  watch(path: string, changed: () => void): () => void;
}

export type FileResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly reason: string };

export interface FileFacts {
  /** What it is; `device` for everything that has no word of its own. */
  readonly type: 'file' | 'directory' | 'fifo' | 'socket' | 'device' | 'link';
  /** Bytes. */
  readonly size: number;
  /** Permission bits, `0644` as 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: number;
  readonly links: number;
  /** Of the content; these three in wall milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Of the content or of the facts above (ctime). */
  readonly changedAt: number;
  readonly accessedAt: number;
}
