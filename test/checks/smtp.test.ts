import { afterEach, expect, it } from 'vitest';
import { smtp } from '../../src/checks/smtp.ts';
import { makeCertificates } from '../servers/certificates.ts';
import { tcpServer } from '../servers/listen.ts';
import { createNetworkHost } from '../servers/network-host.ts';
import { smtpError, startSmtp } from '../servers/smtp.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

it('is greeted without a mail', async () => {
  const server = await startSmtp();
  open.push(server);
  const reading = readingOf(await lookOnce(smtp, `"127.0.0.1:${server.port}"`));
  expect(reading).toMatchObject({ connected: true, starttls: false });
  expect(reading.banner).toContain('ESMTP');
  expect(server.mails).toEqual([]);
});

it('goes on in TLS where told, with a certificate that is trusted', async () => {
  const certificates = makeCertificates();
  const server = await startSmtp({}, certificates.good);
  open.push(server);
  const host = createNetworkHost();
  host.files.put('/ca.pem', certificates.ca);
  const yaml = (more: string) => `{ address: "localhost:${server.port}", starttls: "yes" ${more} }`;
  expect(readingOf(await lookOnce(smtp, yaml(', tls: { ca: /ca.pem }'), { host })).starttls).toBe(true);
  expect(readingOf(await lookOnce(smtp, yaml(', tls: { verify: false }'), { host })).starttls).toBe(true);
  expect(reasonOf(await lookOnce(smtp, yaml(''), { host }))).toContain('is not known here');
});

it('fails at once when the server refuses, and in time when it is silent', async () => {
  const refusing = await startSmtp({
    onConnect: (_session, done) => done(smtpError(554, 'no service here')),
  });
  const silent = await tcpServer(() => {});
  open.push(refusing, silent);
  expect(reasonOf(await lookOnce(smtp, String(refusing.port)))).toContain('554 no service here');
  expect(reasonOf(await lookOnce(smtp, String(silent.port), { timeout: 150 }))).toContain(
    'no answer within 150 ms',
  );
});
