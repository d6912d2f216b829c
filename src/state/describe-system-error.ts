const SENTENCES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an input/output error',
  ESTALE: 'the network file system lost the file',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many open files in this process',
  ENFILE: 'too many open files on this host',
  ENAMETOOLONG: 'the path is too long',
};

/** A sentence for people about a system error: `no space left on the disk (ENOSPC)`. */
export function describeSystemError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return message ?? String(error);
  const sentence = SENTENCES[code];
  return sentence === undefined ? `${message ?? code}` : `${sentence} (${code})`;
}
