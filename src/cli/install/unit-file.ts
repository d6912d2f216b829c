/** What the shipped unit file does not know. */
export interface UnitWanted {
  /** The program with its interpreter: a unit gets a bare PATH, in which a Node of one's own is not found. */
  readonly program: readonly string[];
  /** Absolute path of `watcher.yaml`. */
  readonly config: string;
  /** `user`: a unit of that user's own systemd, without what only the system's may set. */
  readonly scope: 'system' | 'user';
}

/**
 * Settings that an ordinary user's systemd cannot fulfil, or for which the places differ: state and rules are in the XDG
 * folders there (older systemd puts a user's StateDirectory= below ~/.config). What is seccomp would forbid sudo in repairs.
 */
const systemOnly = new Set([
  'After',
  'StateDirectory',
  'StateDirectoryMode',
  'ConfigurationDirectory',
  'OOMScoreAdjust',
  'Nice',
  'LockPersonality',
  'RestrictAddressFamilies',
  'SystemCallArchitectures',
]);

/** The unit file to install, made from the one that is shipped. */
export function unitFile(shipped: string, { program, config, scope }: UnitWanted): string {
  const command = program.map(quoted).join(' ');
  const text = shipped
    .replaceAll('/usr/bin/watcher', () => command)
    .replaceAll('/etc/watcher/watcher.yaml', () => quoted(config))
    .replace(
      /^# The watcher as a system service\. .*$/m,
      "# The watcher as a service. Written by 'watcher install'.",
    );
  return scope === 'system' ? text : forUser(text);
}

/** Comments go with the setting below them. */
function forUser(text: string): string {
  const kept: string[] = [];
  let comments: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) {
      comments.push(line);
      continue;
    }
    const left = systemOnly.has(line.slice(0, line.indexOf('=')));
    if (!left) kept.push(...comments, line.replace(/^WantedBy=.*/, 'WantedBy=default.target'));
    comments = [];
  }
  return kept.join('\n').replace(/\n{3,}/g, '\n\n');
}

/** One word of a command line as systemd reads it: systemd.service(5), "Command lines", and specifiers of systemd.unit(5). */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', () => '$$');
  return /^[\w@%+=:,./$-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, '\\$&')}"`;
}
