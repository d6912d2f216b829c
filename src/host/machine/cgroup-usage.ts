import { readFileSync } from 'node:fs';
import type { GroupUsage } from '../cgroups.ts';

/** Version 1 has no word for "no limit" but a number near the largest (memcg v1, PAGE_COUNTER_MAX). */
const noLimitFrom = 2 ** 62;

/**
 * What a control group uses: version 2 (Documentation/admin-guide/cgroup-v2.rst) in the unified hierarchy, and for what
 * that does not count, the controllers of version 1 mounted beside it (cgroup-v1/memory.rst, cpuacct.rst), where systemd
 * gives the same path.
 */
export function groupUsage(mount: string, unified: string, path: string): GroupUsage {
  const two = (file: string) => textOf(`${unified}${path}/${file}`);
  const one = (controller: string, file: string) => textOf(`${mount}/${controller}${path}/${file}`);
  const memory = numberIn(two('memory.current')) ?? numberIn(one('memory', 'memory.usage_in_bytes'));
  const limit = numberIn(two('memory.max')) ?? numberIn(one('memory', 'memory.limit_in_bytes'));
  const micros = fieldIn(two('cpu.stat'), 'usage_usec');
  const nanos = micros === undefined ? accountedNanos(one) : undefined;
  const oomKills =
    fieldIn(two('memory.events'), 'oom_kill') ?? fieldIn(one('memory', 'memory.oom_control'), 'oom_kill');
  const cpuMs = micros === undefined ? (nanos === undefined ? undefined : nanos / 1e6) : micros / 1000;
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(limit === undefined || limit >= noLimitFrom ? {} : { memoryLimit: limit }),
    ...(cpuMs === undefined ? {} : { cpuMs }),
    ...(oomKills === undefined ? {} : { oomKills }),
  };
}

function accountedNanos(one: (controller: string, file: string) => string | undefined): number | undefined {
  return numberIn(one('cpuacct', 'cpuacct.usage') ?? one('cpu,cpuacct', 'cpuacct.usage'));
}

/** The number that the file holds; `max` and anything else is none. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** One of the lines `name number`. */
function fieldIn(text: string | undefined, name: string): number | undefined {
  const found = text === undefined ? undefined : new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // No such controller, or the group is gone (ENOENT, ENODEV).
    return undefined;
  }
}
