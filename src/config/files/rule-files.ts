/** The files that rules are read from: a small part of the world, so that linting and tests can bring their own. */
export interface RuleFiles {
  /** The whole text (UTF-8). */
  read(path: string): Promise<RuleText>;
  /** Absolute paths of the files that match an absolute pattern (`*`, `?`, `**`, `[a-z]`, `{a,b}`), sorted. */
  glob(pattern: string): Promise<readonly string[]>;
  /** Who owns the file and who may touch it; undefined when it is not there or cannot be asked. */
  stat(path: string): Promise<RuleFileFacts | undefined>;
}

export type RuleText =
  /** `facts`: of the very file that was read, where they are at hand. */
  | { readonly ok: true; readonly text: string; readonly facts?: RuleFileFacts }
  /** `code` as the system says it: `ENOENT`, `EACCES`. */
  | { readonly ok: false; readonly code: string; readonly reason: string };

export interface RuleFileFacts {
  /** Permission bits, `0644` as 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}
