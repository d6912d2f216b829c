import { circus } from './circus.ts';
import { commands } from './commands.ts';
import { docker } from './docker.ts';
import { forever } from './forever.ts';
import { launchd } from './launchd.ts';
import type { ManagerKind } from './manager-kind.ts';
import { monit } from './monit.ts';
import { openrc } from './openrc.ts';
import { oxmgr } from './oxmgr.ts';
import { pm2 } from './pm2.ts';
import { podman } from './podman.ts';
import { runit } from './runit.ts';
import { s6 } from './s6.ts';
import { supervisor } from './supervisor.ts';
import { systemd } from './systemd.ts';
import { upstart } from './upstart.ts';

/** A manager whatever its options are: what the registry, the schema and the reference work with. */
export type AnyManagerKind = Omit<ManagerKind, 'main'> & { readonly main?: string };

/** Every manager that may stand under `manager:`, in the order of the reference. */
export const managerKinds: readonly AnyManagerKind[] = [
  systemd,
  docker,
  podman,
  pm2,
  supervisor,
  runit,
  s6,
  forever,
  circus,
  oxmgr,
  openrc,
  upstart,
  launchd,
  monit,
  commands,
];
