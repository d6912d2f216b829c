import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Users } from '../users.ts';

const KEPT_MS = 10_000;
const GETENT_DEADLINE_MS = 5000;

type Table = 'passwd' | 'group';
type Row = readonly string[];

/**
 * Users and groups of this machine. The files first; getent(1) where they do not know (LDAP, SSSD, systemd's dynamic
 * users). Answers are kept for some seconds, because checks ask the same again and again.
 */
export function createRealUsers(clock: Clock): Users {
  const files = new Map<Table, { readonly at: number; readonly rows: readonly Row[] }>();
  const asked = new Map<string, { readonly at: number; readonly row: Promise<Row | undefined> }>();

  const names = new Map<number, { readonly at: number; readonly name: Promise<string> }>();

  const rowsOf = (table: Table): readonly Row[] => {
    const old = files.get(table);
    if (old && clock.monotonic() - old.at < KEPT_MS) return old.rows;
    const rows = readRows(`/etc/${table}`);
    files.set(table, { at: clock.monotonic(), rows });
    return rows;
  };
  const find = (table: Table, nameOrId: string): Row | undefined | Promise<Row | undefined> => {
    const byId = /^\d+$/.test(nameOrId);
    const row = rowsOf(table).find(([name, , id]) => (byId ? id === nameOrId : name === nameOrId));
    if (row) return row;
    const key = `${table} ${nameOrId}`;
    const old = asked.get(key);
    if (old && clock.monotonic() - old.at < KEPT_MS) return old.row;
    if (asked.size > 500) asked.clear();
    const answer = askGetent(table, nameOrId);
    asked.set(key, { at: clock.monotonic(), row: answer });
    return answer;
  };

  return {
    async user(nameOrId) {
      const row = await find('passwd', nameOrId);
      if (!row) return undefined;
      const [name = nameOrId, , uid, gid, , home = '/'] = row;
      return { name, uid: Number(uid), gid: Number(gid), home };
    },
    async group(nameOrId) {
      const row = await find('group', nameOrId);
      return row && { name: row[0] ?? nameOrId, gid: Number(row[2]) };
    },
    nameOf(uid) {
      const known = names.get(uid);
      if (known !== undefined && clock.monotonic() - known.at < KEPT_MS) return known.name;
      if (names.size > 500) names.clear();
      const name = Promise.resolve(find('passwd', String(uid))).then((row) => row?.[0] ?? String(uid));
      names.set(uid, { at: clock.monotonic(), name });
      return name;
    },
  };
}

/** `name:password:id:...`, passwd(5) and group(5). */
function readRows(path: string): readonly Row[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.map((line) => line.split(':')).filter((fields) => fields.length >= 3);
  } catch {
    return [];
  }
}

function askGetent(table: Table, nameOrId: string): Promise<Row | undefined> {
  return new Promise((resolve) => {
    execFile('getent', ['--', table, nameOrId], { timeout: GETENT_DEADLINE_MS }, (error, output) => {
      const row = output?.split('\n')[0]?.split(':');
      resolve(error || !row || row.length < 3 ? undefined : row);
    });
  });
}
