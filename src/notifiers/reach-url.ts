import type { Delivery } from '../model/notice.ts';
import type { Sending } from './notifier-kind.ts';
import { readAuthorities } from './tls-choice.ts';

/** Whether the server of an address takes connections (and, for https, shows a trusted certificate). Sends nothing. */
export async function reachUrl(
  address: string,
  sending: Sending<unknown>,
  choice: { readonly verify: boolean; readonly ca?: string } = { verify: true },
): Promise<Delivery> {
  const authorities = await readAuthorities(choice, sending.host);
  if (!authorities.ok) return authorities;
  const url = new URL(address);
  const secure = url.protocol === 'https:';
  const outcome = await sending.host.sockets.connect(
    {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      ...(secure ? { tls: true, ...authorities.tls } : {}),
    },
    sending.timeout,
    sending.signal,
  );
  return outcome.ok
    ? { ok: true, detail: `${url.host} takes connections` }
    : { ok: false, retry: true, reason: outcome.reason };
}
