import { otherHost } from '../lib/loopback.ts';
import { choice, hostPort, path, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import { readTlsFiles } from './tls-options.ts';

const DAY = 86_400_000;

/** A look at a server's certificate. */
export const tls = defineCheck({
  kind: 'tls',
  summary: 'Shakes hands with a TLS server and looks at its certificate.',
  options: {
    address: hostPort({ summary: 'Server to look at, `host:port`.', defaultPort: 443 }),
    server_name: text({ summary: 'Name to ask for and to verify instead of the host.', optional: true }),
    ca: path({
      summary: 'File with the certificates (PEM) to trust instead of the known authorities.',
      optional: true,
    }),
    starttls: choice(['smtp', 'imap', 'pop3', 'ftp', 'postgres'], {
      summary: 'Protocol in which TLS is asked for; TLS from the first byte if absent.',
      optional: true,
    }),
  },
  main: 'address',
  readings: {
    expires_in: { type: 'number', quantity: 'duration', meaning: 'How long the certificate is still valid.' },
    days: { type: 'number', quantity: 'count', meaning: 'Whole days the certificate is still valid.' },
    expires_at: { type: 'number', quantity: 'timestamp', meaning: 'When the certificate ends.' },
    valid_from: { type: 'number', quantity: 'timestamp', meaning: 'When the certificate began.' },
    trusted: { type: 'flag', meaning: 'Whether the chain leads to a known authority and the name fits.' },
    distrust: { type: 'text', meaning: 'Why it is not trusted; empty when it is.' },
    names: { type: 'list', meaning: 'Names and addresses the certificate is for.' },
    subject: { type: 'text', meaning: 'Common name of the certificate.' },
    issuer: { type: 'text', meaning: 'Who signed it.' },
    fingerprint: { type: 'text', meaning: 'SHA-256 of the certificate: `unchanged` tells a swap.' },
    protocol: { type: 'text', meaning: 'Version of TLS that was agreed on, such as TLSv1.3.' },
    cipher: { type: 'text', meaning: 'Cipher suite that was agreed on.' },
    handshake_time: { type: 'number', quantity: 'duration', meaning: 'Time of the TLS handshake.', min: 0 },
  },
  expects: ['trusted', 'expires_in > 7 d'],
  failAfter: 3,
  timeout: 10_000,
  target: ({ address }) => otherHost(address.host),
  headline: ['expires_in', 'issuer'],
  example: `
tls: api.example.com:443
every: 6h
warn: expires_in < 21d
expect: expires_in > 7d
`,
  async probe({ options, host, timeout, signal }) {
    const files = await readTlsFiles({ ...options, verify: true }, host.files);
    if (!files.ok) return networkFailure(files);
    const { ca, serverName } = files.tls;
    const outcome = await host.tls.inspect(
      {
        ...options.address,
        ...(ca === undefined ? {} : { ca }),
        ...(serverName === undefined ? {} : { serverName }),
        ...(options.starttls === undefined ? {} : { starttls: options.starttls }),
      },
      timeout,
      signal,
    );
    if (!outcome.ok) return networkFailure(outcome);
    const left = outcome.validUntil - host.clock.instant().wall;
    const distrust = outcome.distrust ?? '';
    return {
      outcome: 'read',
      reading: {
        expires_in: left,
        days: Math.floor(left / DAY),
        expires_at: outcome.validUntil,
        valid_from: outcome.validFrom,
        trusted: distrust === '',
        distrust,
        names: outcome.names,
        subject: outcome.subject,
        issuer: outcome.issuer,
        fingerprint: outcome.fingerprint,
        protocol: outcome.protocol,
        cipher: outcome.cipher,
        handshake_time: outcome.handshakeMs,
      },
      ...(distrust === '' ? {} : { exhibit: { title: 'certificate', text: distrust } }),
    };
  },
});
