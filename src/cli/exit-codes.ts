/** Every exit code of `watcher`. 1 to 3 answer the question that was asked; from 64 on (sysexits.h) it could not be asked. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  down: 2,
  unknown: 3,
  usage: 64,
  missing: 66,
  unavailable: 69,
  bug: 70,
  cannotCreate: 73,
  inputOutput: 74,
  busy: 75,
  forbidden: 77,
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each means, in the words of the documentation. README.md's table is made of this. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'Done, or nothing is wrong.',
  failed:
    'What was asked for did not come true: an operation failed, `check --strict` found warnings, files and agent differ, `doctor` found warnings. `once` and `--exit-code`: the worst state is *warning*.',
  down: '`once` and `--exit-code`: something is *down* or failing. `doctor`: something is broken.',
  unknown: '`once` and `--exit-code`: nothing is down, but the state of something could not be told.',
  usage: 'Unknown command, option or argument.',
  missing: 'The service, check, incident, silence, notifier or kind that was named does not exist.',
  unavailable:
    'The agent is not running, or went away before it answered. `install` and `uninstall`: systemd is not there, or does not answer.',
  bug: 'A mistake in watcher itself; what it printed belongs into a bug report.',
  cannotCreate:
    'The state folder or the socket cannot be created or used. `init` and `install`: what they would write cannot be written there.',
  inputOutput:
    'What a command prints cannot be written, to a full disk for one. (Where only its reader has gone, as with `| head`, it ends quietly with 141, as others do.)',
  busy: 'Another agent already works on this state folder, or listens on this socket.',
  forbidden: 'Permission denied: the socket or the state belongs to somebody else.',
  configuration:
    'The configuration has errors (or is missing where one was named). Nothing was started or changed.',
};

/** The name of an exit code in JSON: `missing`, `usage`. */
export function exitCodeName(code: ExitCode): keyof typeof exitCodes {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return names.find((name) => exitCodes[name] === code) ?? 'bug';
}
