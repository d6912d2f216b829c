/** The failure of a call on a file as a value: the system's code and a sentence that says what to do. */
export function fileFailure(path: string, error: unknown): { ok: false; code: string; reason: string } {
  const { code = 'UNKNOWN', message = String(error) } = error as NodeJS.ErrnoException;
  const sentence = SENTENCES[code];
  return { ok: false, code, reason: sentence ? `${path} ${sentence}` : `${path}: ${message}` };
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by the watcher; give it the right to, or run it as another user',
  EPERM: 'may not be read by the watcher; give it the right to, or run it as another user',
  ENOTDIR: 'cannot exist: a part of the path is not a folder',
  EISDIR: 'is a folder, not a file',
  ELOOP: 'leads through too many symbolic links',
  ENAMETOOLONG: 'is too long for a path',
  EIO: 'cannot be read: the device reports an error',
  ESTALE: 'was on a network mount that has gone',
  EMFILE: 'cannot be opened: the watcher is out of file descriptors',
  ENFILE: 'cannot be opened: the machine is out of file descriptors',
  ENXIO: 'is a socket or a device that cannot be read',
};
