import type { CommandSpec } from '../model/service.ts';

/** Runs programs of rule files: no shell unless asked, own process group, TERM then KILL for all of it at the deadline. */
export interface Commands {
  run(command: CommandSpec, options?: RunOptions): Promise<CommandResult>;
  /** Why its program could not be started, looked for as `run` would, or nothing; nothing is started. */
  trouble(command: CommandSpec): Promise<string | undefined>;
  /**
   * Numbers of the programs that read on what services write which commands left behind (`leaves: 'daemon'`): a service
   * whose reader ends dies of its next line (SIGPIPE).
   */
  readers?(): readonly number[];
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Most bytes kept of the end of standard output and of standard error. */
  readonly keep?: number;
  readonly input?: string;
  /**
   * `daemon`: the command may leave a service behind in its process group or session: what is left when the command
   * itself has ended is never killed. `contained` (default): what is left is ended with it.
   */
  readonly leaves?: 'daemon' | 'contained';
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly outcome: 'exited' | 'signalled' | 'timed-out' | 'not-started' | 'aborted';
  readonly code?: number;
  readonly signal?: string;
  /** Why it did not start, with the fix where there is one. */
  readonly reason?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}
