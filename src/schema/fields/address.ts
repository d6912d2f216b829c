import type { Field } from '../field.ts';
import { makeField, type PresenceOf, plain, quoteIfNeeded, type Settings } from './make-field.ts';
import { mismatch, textOf } from './mismatch.ts';
import { hideParameters, tellParameters } from './secret-names.ts';
import { readText, tellSecret, tellSecretsBelow } from './text.ts';

interface UrlSettings extends Settings<string> {
  /** Without colons: `['http', 'https']`. */
  readonly schemes: readonly string[];
  /** The whole address is a secret (a webhook's address with its token). A password in it always is. */
  readonly secret?: boolean;
}

interface HostPortSettings extends Settings<string> {
  readonly defaultPort?: number;
}

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** An address with one of the schemes; the value is the text as written. */
export function url<const S extends UrlSettings>(settings: S): Field<string, PresenceOf<S>> {
  const { schemes, secret }: UrlSettings = settings;
  const expected = `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return makeField<string, string, S>(settings, {
    type: 'url',
    schema: { type: 'string', pattern: `^(${schemes.join('|')})://|\\$\\{` },
    secret: secret === true,
    fits: (node) => /^[a-z][a-z0-9+.-]*:\/\//i.test(textOf(node) ?? ''),
    value: (fallback) => fallback,
    write: quoteIfNeeded,
    print: (value) => (secret === true ? '***' : hideParameters(hidePassword(value))),
    read: (node, context) => {
      const value = readText(node, context);
      if (value === undefined) {
        if (secret === true) tellSecretsBelow(node, context);
        return undefined;
      }
      const parsed = parseUrl(value);
      if (secret === true) tellSecret(node, context, value);
      tellParameters(value, node, context);
      if (parsed !== undefined && parsed.password !== '') {
        tellSecret(node, context, parsed.password);
        const decoded = decodeText(parsed.password);
        if (decoded !== parsed.password) tellSecret(node, context, decoded);
      }
      if (parsed !== undefined && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.hostname !== '') {
        return value;
      }
      const bare = parsed === undefined || !value.includes('://');
      const hint =
        secret !== true && bare && /^[\w.[\]-]+(:\d+)?(\/|$)/.test(value)
          ? `write ${schemes[0]}://${value}`
          : undefined;
      return mismatch(context, node, {
        code: 'bad-url',
        hide: secret === true,
        expected,
        hint,
      });
    },
  });
}

/** `host:port`, `[::1]:port`; `host` alone where there is a default port; a port alone is this machine (127.0.0.1). */
export function hostPort<const S extends HostPortSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<HostPort, PresenceOf<S>> {
  const { defaultPort }: HostPortSettings = settings;
  return makeField<HostPort, string, S>(settings, {
    type: 'host:port',
    schema: { type: ['string', 'integer'] },
    fits: (node) => {
      const text = textOf(node);
      return text !== undefined && !/[/~]/.test(text);
    },
    value: (fallback) => {
      const value = parseHostPort(fallback, defaultPort);
      if (value === undefined) throw new Error(`'${fallback}' in a declaration is not host:port`);
      return value;
    },
    write: quoteIfNeeded,
    print: ({ host, port }) => (host.includes(':') ? `"[${host}]:${port}"` : `${host}:${port}`),
    read: (node, context) => {
      const text = textOf(node);
      const value = text === undefined ? undefined : parseHostPort(text.trim(), defaultPort);
      if (value !== undefined) return value;
      const expected =
        defaultPort === undefined ? "'host:port'" : `'host:port' or 'host' (port ${defaultPort})`;
      const [, name, port] = /^(\S+)\s+(?:port\s+)?(\d+)$/.exec(text?.trim() ?? '') ?? [];
      const joined = name === undefined ? undefined : `write ${name}:${port}`;
      const hint = text?.includes('://') === true ? 'leave out the scheme and the path' : joined;
      return mismatch(context, node, { code: 'bad-address', expected, hint });
    },
  });
}

/** Takes `host:port` apart; undefined when it is not one. */
export function parseHostPort(text: string, defaultPort?: number): HostPort | undefined {
  if (/^\d+$/.test(text)) return withPort('127.0.0.1', text);
  const bracketed = /^\[([0-9A-Fa-f:.%\w]+)\](?::(\d+))?$/.exec(text);
  if (bracketed?.[1]?.includes(':') === true) return withPort(bracketed[1], bracketed[2], defaultPort);
  // An IPv6 address without brackets: its last group cannot be told from a port.
  if (/^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*$/.test(text)) return withPort(text, undefined, defaultPort);
  const plainHost = /^([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?)(?::(\d+))?$/.exec(text);
  return plainHost?.[1] === undefined ? undefined : withPort(plainHost[1], plainHost[2], defaultPort);
}

function withPort(host: string, digits: string | undefined, defaultPort?: number): HostPort | undefined {
  const port = digits === undefined ? defaultPort : Number(digits);
  return port === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Of an address, the part that nobody may see. */
function hidePassword(value: string): string {
  return value.replace(/(:\/\/[^/@\s:]*:)[^@\s]*@/, '$1***@');
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
