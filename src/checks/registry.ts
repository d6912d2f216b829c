import type { CheckKind } from './check-kind.ts';
import { command } from './command.ts';
import { directory } from './directory.ts';
import { dns } from './dns.ts';
import { file } from './file.ts';
import { filesystem } from './filesystem.ts';
import { http } from './http.ts';
import { mysql } from './mysql.ts';
import { nagios } from './nagios.ts';
import { ntp } from './ntp.ts';
import { ping } from './ping.ts';
import { postgres } from './postgres.ts';
import { process } from './process.ts';
import { redis } from './redis.ts';
import { smtp } from './smtp.ts';
import { ssh } from './ssh.ts';
import { system } from './system.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';
import { udp } from './udp.ts';
import { websocket } from './websocket.ts';

/** A kind of check whatever its options are: what the registry, the schema and the reference work with. */
export type AnyCheckKind = Omit<CheckKind, 'main'> & { readonly main?: string };

/** Every kind of check, in the order of the reference. */
export const checkKinds: readonly AnyCheckKind[] = [
  process,
  http,
  tcp,
  tls,
  dns,
  redis,
  postgres,
  mysql,
  smtp,
  ssh,
  websocket,
  udp,
  ntp,
  ping,
  system,
  filesystem,
  file,
  directory,
  command,
  nagios,
];
