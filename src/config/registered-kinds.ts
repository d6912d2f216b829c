import { checkKinds } from '../checks/registry.ts';
import { managerKinds } from '../managers/registry.ts';
import { notifierKinds } from '../notifiers/registry.ts';
import { repairKinds } from '../repairs/registry.ts';
import { type Kinds, kindsByName } from './kinds.ts';

/** All kinds that this build knows. */
export function registeredKinds(): Kinds {
  return kindsByName({
    checks: checkKinds,
    managers: managerKinds,
    notifiers: notifierKinds,
    repairs: repairKinds,
  });
}
