import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import type { CommandSpec } from '../../model/service.ts';
import type { Users } from '../users.ts';
import type { CommandUser } from './command-environment.ts';

/** How to become the user of a command: ids for spawn, or words to put before the command. */
export interface Become extends CommandUser {
  readonly prefix: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv', '/sbin/setpriv', '/usr/sbin/setpriv'];

/** The user a command is to run as, or a sentence why that cannot be. Most commands run as the watcher: nothing to ask. */
export async function becomeUser(
  command: Pick<CommandSpec, 'user' | 'group'>,
  users: Users,
): Promise<Become | string> {
  const self = ownUser();
  if (command.user === undefined && command.group === undefined) return self;

  const user = command.user === undefined ? undefined : await users.user(command.user);
  if (command.user !== undefined && !user) return `there is no user '${command.user}' on this machine`;
  const group = command.group === undefined ? undefined : await users.group(command.group);
  if (command.group !== undefined && !group) return `there is no group '${command.group}' on this machine`;

  const ownUid = process.getuid?.() ?? 0;
  const ownGid = process.getgid?.() ?? 0;
  const uid = user?.uid ?? ownUid;
  const gid = group?.gid ?? user?.gid ?? ownGid;
  if (uid === ownUid && gid === ownGid) return self;
  if (ownUid !== 0) {
    const whom = command.user === undefined ? `group '${command.group}'` : `user '${command.user}'`;
    return `the watcher runs as '${self.name}' and may not run a command as ${whom}; run it as root or leave that out`;
  }
  const name = user?.name ?? self.name;
  const home = user?.home ?? self.home;
  const setpriv = SETPRIV.find((path) => existsSync(path));
  if (setpriv) {
    // Node sets user and group only: a command would miss the user's other groups (docker, adm). setpriv(1) sets them.
    const prefix = [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--'];
    return { name, home, self: false, prefix, ids: {} };
  }
  return { name, home, self: false, prefix: [], ids: { uid, gid } };
}

let own: Become | undefined;

/** The watcher's own user: asked for once, as it stays who it is. */
export function ownUser(): Become {
  if (own !== undefined) return own;
  try {
    own = ownUserOf(userInfo().username);
    return own;
  } catch {
    // The user has no entry in the user database (a container started with a bare number), or not yet.
    return ownUserOf(String(process.getuid?.() ?? 0));
  }
}

function ownUserOf(name: string): Become {
  return { name, home: homedir(), self: true, prefix: [], ids: {} };
}
