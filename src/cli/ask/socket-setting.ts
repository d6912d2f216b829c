/** What a configuration's text says of `socket:`; `hidden`: it takes the real loader to know. */
export type SocketSetting =
  | { readonly is: 'given'; readonly path: string }
  | { readonly is: 'absent' }
  | { readonly is: 'hidden' };

/**
 * Reads one top-level setting without parsing the file: `watcher summary` should not pay for a YAML parser to learn where
 * to ask. Anything but a plain or simply quoted path on one line, and anything that could bring the setting in from
 * elsewhere, is `hidden`.
 */
export function readSocketSetting(text: string): SocketSetting {
  if (/^(?:<<|include)\s*:/m.test(text) || /^\s*[{[]/.test(text)) return { is: 'hidden' };
  const lines = text.match(/^(?:socket|'socket'|"socket")\s*:.*$/gm) ?? [];
  if (lines.length === 0) return { is: 'absent' };
  const plain = /^socket:[ \t]+(?:"([^"\\$]+)"|'([^'$]+)'|([/~][^\s#$:{}[\],&*]*))[ \t]*(?:#.*)?\r?$/.exec(
    lines[0] ?? '',
  );
  const path = plain?.[1] ?? plain?.[2] ?? plain?.[3];
  return lines.length === 1 && path !== undefined ? { is: 'given', path } : { is: 'hidden' };
}
