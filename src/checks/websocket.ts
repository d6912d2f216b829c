import { loadCrypto } from '../host/packages/load-crypto.ts';
import type { SocketTarget } from '../host/sockets.ts';
import { otherHost } from '../lib/loopback.ts';
import { group, record, text, url } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import { streamReading, streamReadings } from './stream.ts';
import { readTlsFiles, tlsOptions } from './tls-options.ts';

/** What a server puts behind the key before it hashes it (RFC 6455, section 1.3). */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The whole head of an HTTP answer; anything but 101 is a refusal. */
const HEAD = /^HTTP\/1\.1 \d{3}[\s\S]*?\r\n\r\n/;
const SWITCHING = /^HTTP\/1\.1 101[\s\S]*?\r\n\r\n/;

/** A pong: final frame of type 0xA; other frames may come before it. */
const PONG = /\x8a/;

/** A WebSocket: upgrade, ping, pong, close (RFC 6455). */
export const websocket = defineCheck({
  kind: 'websocket',
  summary: 'Opens a WebSocket, sends a ping and waits for the pong.',
  options: {
    url: url({ summary: 'Address to open.', schemes: ['ws', 'wss'] }),
    headers: record(text(), { summary: 'Headers to send with the upgrade.', default: {} }),
    protocol: text({ summary: 'Subprotocol to ask for.', optional: true }),
    tls: group(tlsOptions, { summary: 'How certificates are treated.', default: {} }),
  },
  main: 'url',
  readings: { ...streamReadings, protocol: { type: 'text', meaning: 'Subprotocol that the server chose.' } },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  target: ({ url }) => otherHost(new URL(url).hostname),
  headline: ['response_time'],
  example: `
websocket: ws://127.0.0.1:8080/live
`,
  async probe({ options, host, timeout, signal }) {
    const files = await readTlsFiles(options.tls, host.files);
    if (!files.ok) return networkFailure(files);
    const address = new URL(options.url);
    const secure = address.protocol === 'wss:';
    const target: SocketTarget = {
      host: address.hostname.replace(/^\[|\]$/g, ''),
      port: address.port === '' ? (secure ? 443 : 80) : Number(address.port),
      ...(secure ? { ...files.tls, tls: true } : {}),
    };
    const key = loadCrypto().randomBytes(16).toString('base64');
    const upgrade = await host.sockets.converse(
      target,
      [
        { send: upgradeRequest(address, key, options) },
        { expect: SWITCHING, unless: HEAD },
        // Frames of a client are masked; a mask of zeros changes nothing (section 5.3).
        { send: Buffer.from([0x89, 0x80, 0, 0, 0, 0]) },
        { expect: PONG },
        { send: Buffer.from([0x88, 0x80, 0, 0, 0, 0]) },
      ],
      timeout,
      signal,
    );
    const head = HEAD.exec(upgrade.received ?? '')?.[0];
    const refusal = head === undefined ? undefined : refusalOf(head, key);
    if (refusal !== undefined) return { outcome: 'failed', reason: `${address.host} ${refusal}` };
    if (!upgrade.ok) return networkFailure(upgrade);
    const protocol = /^sec-websocket-protocol:\s*(\S+)/im.exec(head ?? '')?.[1] ?? '';
    return { outcome: 'read', reading: { ...streamReading(upgrade), protocol } };
  },
});

function upgradeRequest(
  address: URL,
  key: string,
  { headers, protocol }: { readonly headers: Readonly<Record<string, string>>; readonly protocol?: string },
): string {
  const all: Record<string, string> = {
    Host: address.host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...(protocol === undefined ? {} : { 'Sec-WebSocket-Protocol': protocol }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}`);
  return [`GET ${address.pathname}${address.search} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

function refusalOf(head: string, key: string): string | undefined {
  const status = head.slice(9, 12);
  if (status !== '101') return `refused the upgrade with status ${status}`;
  const accept = loadCrypto()
    .createHash('sha1')
    .update(key + MAGIC)
    .digest('base64');
  const given = /^sec-websocket-accept:\s*(\S+)/im.exec(head)?.[1];
  return given === accept ? undefined : 'answered the upgrade, but is no WebSocket server (wrong key)';
}
