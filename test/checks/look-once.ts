import type { CheckKind } from '../../src/checks/check-kind.ts';
import type { Host } from '../../src/host/host.ts';
import type { ProbeResult } from '../../src/model/reading.ts';
import type { Fields } from '../../src/schema/field.ts';
import { readOptions } from '../fakes/read-options.ts';
import { createNetworkHost } from '../servers/network-host.ts';

interface Settings {
  readonly host?: Host;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly wanted?: ReadonlySet<string>;
  readonly carry?: unknown;
}

/** Probes once with the options as a user writes them. */
export function lookOnce<F extends Fields>(
  kind: CheckKind<F>,
  yaml: string,
  {
    host = createNetworkHost(),
    timeout = 5000,
    signal = new AbortController().signal,
    ...rest
  }: Settings = {},
): Promise<ProbeResult> {
  return kind.probe({ options: readOptions(kind, yaml), host, service: 'api', timeout, signal, ...rest });
}

/** The reading of a probe that must have worked. */
export function readingOf(result: ProbeResult) {
  if (result.outcome !== 'read') throw new Error(`${result.outcome}: ${result.reason}`);
  return result.reading;
}

/** The reason of a probe that must not have worked. */
export function reasonOf(result: ProbeResult, outcome: 'failed' | 'unknown' = 'failed'): string {
  if (result.outcome !== outcome) throw new Error(`expected ${outcome}, got ${JSON.stringify(result)}`);
  return result.reason;
}
