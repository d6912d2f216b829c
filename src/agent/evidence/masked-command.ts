import type { ProcessEntry } from '../../host/processes.ts';
import { secretNameIn } from '../../lib/secret-names.ts';

/** What hides in command lines: `--password=x`, `PGPASSWORD=x`, `"token": "x"`. */
const ASSIGNED = new RegExp(`(${secretNameIn}["']?\\s*[=:]\\s*)(?:"[^"]*"|'[^']*'|[^\\s&;,"']+)`, 'gi');
/** `--token x`, also where the value is an argument of its own. */
const OPTION = new RegExp(`(^|\\s)(--?${secretNameIn})\\s+(?!-)(\\S+)`, 'gi');
/** `https://user:pass@host`: the password ends at the last @ before the host. */
const LOGIN = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/]+@/gi;
/** `curl -u user:pass`. */
const USER = /((?:^|\s)(?:-u|--user)[= ]?[^\s:]+:)(?!\/\/)\S+/g;
/** `Authorization: Bearer x` and `Basic x`. */
const BEARER = /(\b(?:bearer|basic)\s+)[^\s"']+/gi;

/** A command line with its obvious secrets masked. What hides better stays: only the service's own line is shown at all. */
export function maskedCommand(command: string): string {
  return command
    .replace(BEARER, '$1***')
    .replace(LOGIN, '$1***@')
    .replace(USER, '$1***')
    .replace(ASSIGNED, '$1***')
    .replace(OPTION, '$1$2 ***');
}

/** Only the name of the program: what other programs were given is nobody's business. */
export function programName(process: Pick<ProcessEntry, 'comm' | 'details'>): string {
  const [first] = process.details().argv;
  // Programs that rewrite their title have everything in the first argument: `postgres: user database`.
  const name = first?.split(/\s/)[0]?.split('/').at(-1)?.replace(/:$/, '');
  return name === undefined || name === '' || /[=@]/.test(name) ? `[${process.comm}]` : name;
}
