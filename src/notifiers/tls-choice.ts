import type { Host } from '../host/host.ts';
import type { Delivery } from '../model/notice.ts';
import { flag, path } from '../schema/fields.ts';

/** How a notifier treats the certificate of the service it sends to. */
export const tlsFields = {
  verify: flag({ summary: 'Whether the certificate of the server must be trusted.', default: true }),
  ca: path({
    summary: 'File with the certificates (PEM) to trust instead of the known authorities.',
    optional: true,
  }),
};

interface TlsChoice {
  readonly verify: boolean;
  readonly ca?: string;
}

/** Reads the file of authorities, where one is named; a file that cannot be read may be there again later. */
export async function readAuthorities(
  { verify, ca }: TlsChoice,
  host: Host,
): Promise<
  | { readonly ok: true; readonly tls: { readonly verify: boolean; readonly ca?: string } }
  | Extract<Delivery, { ok: false }>
> {
  if (ca === undefined) return { ok: true, tls: { verify } };
  const read = await host.files.read(ca, 2 * 1024 * 1024);
  if (!read.ok) return { ok: false, retry: true, reason: `ca: ${read.reason}` };
  return { ok: true, tls: { verify, ca: read.value } };
}
