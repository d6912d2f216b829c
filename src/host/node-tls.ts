import { type CertificateFacts, distrustSentence, readCertificate } from './certificate.ts';
import { placeOf } from './connection-reason.ts';
import { openConnection } from './open-connection.ts';
import type { Tls } from './tls.ts';

/** Real TLS inspection: shakes hands without trusting, so that a bad certificate can still be read and explained. */
export function createTls(): Tls {
  return {
    async inspect(target, timeoutMs, signal) {
      const opened = await openConnection({
        target: { host: target.host, port: target.port },
        tls: { verify: false, ca: target.ca, serverName: target.serverName },
        timeoutMs,
        signal,
      });
      if (!opened.ok) {
        const { phase, code, reason } = opened;
        return { ok: false, phase, code, reason };
      }
      const { secure, distrust, marks } = opened;
      opened.socket.on('error', () => {});
      try {
        const certificate: CertificateFacts | undefined = secure && readCertificate(secure);
        if (secure === undefined || certificate === undefined) {
          const reason = `connected to ${placeOf(target)}, but it showed no certificate`;
          return { ok: false, phase: 'tls', code: 'NO_CERTIFICATE', reason };
        }
        const name = target.serverName ?? target.host;
        return {
          ok: true,
          ...certificate,
          protocol: secure.getProtocol() ?? 'unknown',
          cipher: secure.getCipher().name,
          handshakeMs: (marks.tls ?? 0) - (marks.connect ?? 0),
          ...(distrust === undefined ? {} : { distrust: distrustSentence(distrust, certificate, name) }),
        };
      } finally {
        opened.socket.destroy();
      }
    },
  };
}
