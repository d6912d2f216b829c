import type { TLSSocket } from 'node:tls';

/** What a server's certificate says, times in wall milliseconds since the epoch. */
export interface CertificateFacts {
  readonly validFrom: number;
  readonly validUntil: number;
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the whole certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  /** DNS names and IP addresses it is for. */
  readonly names: readonly string[];
}

/** Reads the certificate the other side has shown; undefined when it showed none. */
export function readCertificate(socket: TLSSocket): CertificateFacts | undefined {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return undefined;
  const subject = nameOf(shown.subject);
  return {
    validFrom: Date.parse(shown.validFrom),
    validUntil: Date.parse(shown.validTo),
    subject,
    issuer: nameOf(shown.issuer),
    fingerprint: shown.fingerprint256,
    names: alternativeNames(shown.subjectAltName) ?? (subject === '' ? [] : [subject]),
  };
}

/** End of validity only: what every HTTPS probe wants of it. */
export function certificateEnd(socket: TLSSocket): number | undefined {
  const shown = socket.getPeerX509Certificate();
  return shown === undefined ? undefined : Date.parse(shown.validTo);
}

/** The common name of a distinguished name, else its organisation, else all of it on one line. */
function nameOf(distinguished: string | undefined): string {
  const lines = (distinguished ?? '').split('\n');
  const part = (key: string) => lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  return part('CN') ?? part('O') ?? lines.join(', ');
}

function alternativeNames(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(', ').flatMap((entry) => /^(?:DNS|IP Address):"?(.*?)"?$/.exec(entry)?.[1] ?? []);
}

/**
 * Why a certificate is not trusted, for people: from the verification code of OpenSSL (openssl-verification-options(1))
 * or of Node's check of the name.
 */
export function distrustSentence(
  code: string,
  certificate: CertificateFacts | undefined,
  serverName: string,
): string {
  const day = (at: number | undefined) =>
    at === undefined || Number.isNaN(at) ? 'an unreadable date' : new Date(at).toISOString().slice(0, 10);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `the certificate, or one it depends on, has expired (its own ends on ${day(certificate?.validUntil)})`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate is not valid before ${day(certificate?.validFrom)}`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'the certificate is self-signed; give it as `ca` to trust it';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'the certificate comes from an authority that is not known here; give that as `ca` to trust it';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the issuer '${certificate?.issuer ?? '?'}' is not known here: the server leaves out an intermediate certificate, or the authority must be given as \`ca\``;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return `the certificate is for ${listNames(certificate?.names ?? [])}, and not for ${serverName}`;
    case 'CERT_REVOKED':
      return 'the certificate was revoked';
    default:
      return `the certificate is not trusted (${code})`;
  }
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'no name at all';
  return names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}
