import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority that signed the others. */
  readonly ca: string;
  /** For localhost and 127.0.0.1, ten days long. */
  readonly good: Pair;
  /** For other.example only. */
  readonly otherName: Pair;
  /** Ended yesterday. */
  readonly expired: Pair;
  readonly selfSigned: Pair;
}

/** Makes an authority and certificates with openssl in a folder that is gone when this returns. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-certs-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const readPair = (name: string): Pair => ({
    cert: readFileSync(join(folder, `${name}.crt`), 'utf8'),
    key: readFileSync(join(folder, `${name}.key`), 'utf8'),
  });
  const newKey = (name: string) =>
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  const signed = (name: string, names: string, dates: string[]): Pair => {
    newKey(name);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    writeFileSync(join(folder, 'ext.cnf'), `subjectAltName=${names}\n`);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-extfile', 'ext.cnf', '-out', `${name}.crt`, ...dates],
    );
    return readPair(name);
  };
  try {
    newKey('ca');
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      'ca.key',
      '-subj',
      '/CN=Test authority',
      '-days',
      '30',
      '-out',
      'ca.crt',
    );
    newKey('self');
    openssl(
      ...['req', '-x509', '-new', '-key', 'self.key', '-subj', '/CN=localhost', '-days', '10'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-out', 'self.crt'],
    );
    const here = 'DNS:localhost,IP:127.0.0.1';
    return {
      ca: readFileSync(join(folder, 'ca.crt'), 'utf8'),
      good: signed('localhost', here, ['-days', '10']),
      otherName: signed('other.example', 'DNS:other.example', ['-days', '10']),
      // The shortest life that openssl 3.0 takes: it ended when it began.
      expired: signed('expired', here, ['-days', '-1']),
      selfSigned: readPair('self'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
