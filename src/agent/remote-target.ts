import { isLoopback } from '../lib/loopback.ts';

/** The remote host that a check's options name, for bounding what runs at once for it; nothing for this machine. */
export function remoteTarget(options: Readonly<Record<string, unknown>>): string | undefined {
  const host = hostOf(options);
  return host === undefined || isLoopback(host) ? undefined : host;
}

function hostOf({ url, host, server }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof url === 'string') return URL.canParse(url) ? new URL(url).hostname : undefined;
  if (typeof host === 'string') return host;
  return typeof server === 'string' ? server : undefined;
}
