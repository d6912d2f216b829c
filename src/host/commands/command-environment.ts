/** Where programs are found on any usual machine, in the order of a root login. */
const STANDARD_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** What commands get from the watcher's own environment. Nothing else: it may hold passwords of notifiers. */
const PASSED_ON = ['TZ', 'TMPDIR', 'LC_ALL', 'LC_CTYPE', 'LC_TIME', 'LC_MESSAGES'];
/** What belongs to the session of the watcher's own user and is wrong for any other. */
const PASSED_ON_TO_SELF = [
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_CONFIG_HOME',
  'XDG_STATE_HOME',
];

/** Who a command runs as, as far as its environment must say so. */
export interface CommandUser {
  readonly name: string;
  readonly home: string;
  /** The watcher's own user. */
  readonly self: boolean;
}

/**
 * The environment of a command, the same whether the watcher was started by init, by cron or from a shell:
 * PATH (the watcher's own, with the standard folders added), HOME, USER, LOGNAME, SHELL, LANG (the watcher's own, else
 * C.UTF-8), time zone and locale; then what the caller and at last what the rule file says.
 */
export function commandEnvironment(
  own: NodeJS.ProcessEnv,
  user: CommandUser,
  caller: Readonly<Record<string, string>> = {},
  rule: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: completePath(own.PATH),
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: '/bin/sh',
    LANG: own.LANG || 'C.UTF-8',
  };
  for (const name of user.self ? [...PASSED_ON, ...PASSED_ON_TO_SELF] : PASSED_ON) {
    const value = own[name];
    if (value) environment[name] = value;
  }
  return { ...environment, ...caller, ...rule };
}

/** The last one: it is the watcher's own each time. */
let completed: { readonly of: string | undefined; readonly path: string } | undefined;

function completePath(path: string | undefined): string {
  if (completed === undefined || completed.of !== path) completed = { of: path, path: withStandard(path) };
  return completed.path;
}

function withStandard(path: string | undefined): string {
  const folders = (path ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return [...new Set([...folders, ...STANDARD_PATH])].join(':');
}
