import type { Files } from '../host/files.ts';
import { flag, path, text } from '../schema/fields.ts';

/** How a check treats the certificates of the other side; the same words in every kind that speaks TLS. */
export const tlsOptions = {
  verify: flag({ summary: 'Whether the certificate must be trusted and for this name.', default: true }),
  ca: path({
    summary: 'File with the certificates (PEM) to trust instead of the known authorities.',
    optional: true,
  }),
  cert: path({ summary: 'File with our own certificate (PEM), where the server wants one.', optional: true }),
  key: path({ summary: 'File with the key of our own certificate (PEM).', optional: true }),
  server_name: text({ summary: 'Name to ask for and to verify instead of the host.', optional: true }),
};

export interface TlsChoice {
  readonly verify: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly server_name?: string;
}

export interface TlsTexts {
  readonly verify: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** Largest file of certificates that is read. A bundle of all known authorities has about 220 kB. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Reads the files that the options name; a file that cannot be read is the watcher's trouble, not the service's. */
export async function readTlsFiles(
  choice: TlsChoice,
  files: Files,
): Promise<
  | { readonly ok: true; readonly tls: TlsTexts }
  | { readonly ok: false; readonly code: 'UNREADABLE_FILE'; readonly reason: string }
> {
  const texts: { ca?: string; cert?: string; key?: string } = {};
  for (const which of ['ca', 'cert', 'key'] as const) {
    const file = choice[which];
    if (file === undefined) continue;
    const read = await files.read(file, MOST_BYTES);
    if (!read.ok) return { ok: false, code: 'UNREADABLE_FILE', reason: `${which} of tls: ${read.reason}` };
    texts[which] = read.value;
  }
  const name = choice.server_name === undefined ? {} : { serverName: choice.server_name };
  return { ok: true, tls: { verify: choice.verify, ...texts, ...name } };
}
