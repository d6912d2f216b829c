import { registeredKinds } from '../config/registered-kinds.ts';
import type { Host } from '../host/host.ts';
import type { Manager } from '../managers/manager-kind.ts';
import type { Service } from '../model/service.ts';

/** The manager of a service of the rules, for a command that closes it again; nothing where it has none. */
export function openManager(service: Service, host: Host): Manager | undefined {
  const { name, manager: choice, startTimeout, stopTimeout } = service;
  if (choice === undefined) return undefined;
  return registeredKinds().managers[choice.kind]?.open(choice.options, {
    host,
    service: name,
    startTimeout,
    stopTimeout,
  });
}
