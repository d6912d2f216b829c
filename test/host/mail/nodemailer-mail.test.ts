import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMail } from '../../../src/host/mail/nodemailer-mail.ts';
import type { MailMessage, MailServer } from '../../../src/host/mail.ts';
import { type Certificates, makeCertificates } from '../../servers/certificates.ts';
import { closedPort, tcpServer } from '../../servers/listen.ts';
import { smtpError, startSmtp } from '../../servers/smtp.ts';

const mail = createMail();
const open: { close(): Promise<void> }[] = [];
let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function smtp(...args: Parameters<typeof startSmtp>) {
  const server = await startSmtp(...args);
  open.push(server);
  return server;
}

async function tcp(behave: Parameters<typeof tcpServer>[0]): Promise<number> {
  const server = await tcpServer(behave);
  open.push(server);
  return server.port;
}

const message: MailMessage = {
  from: 'watcher@web-1.example',
  to: ['ops@example.com', 'night@example.com'],
  subject: 'DOWN api/responds: größer\r\nBcc: evil@example.com',
  text: 'measured   latency 812 ms\n.\nlast line — done\n',
  messageId: '<n-1@web-1.example>',
  references: ['<incident.api-1@web-1.example>'],
  headers: { 'Auto-Submitted': 'auto-generated' },
  attachments: [{ name: 'evidence-api-1.txt', text: 'open files: 12\n' }],
};

const at = (port: number, more: Partial<MailServer> = {}): MailServer => ({
  url: `smtp://127.0.0.1:${port}`,
  verify: true,
  requireTls: false,
  ...more,
});

async function refusal(servers: readonly MailServer[], timeout = 5000) {
  const outcome = await mail.send(message, servers, timeout);
  if (outcome.ok) throw new Error(`taken: ${outcome.response}`);
  return outcome;
}

describe('a mail that is taken', () => {
  it('has the given id, headers and attachments, and no header from a subject', async () => {
    const server = await smtp();
    const outcome = await mail.send(message, [at(server.port)], 5000);
    expect(outcome).toMatchObject({ ok: true, server: `127.0.0.1:${server.port}` });
    const [got] = server.mails;
    expect(got?.to).toEqual(['ops@example.com', 'night@example.com']);
    expect(got?.from).toBe('watcher@web-1.example');
    const source = got?.source ?? '';
    expect(source).toContain('Message-ID: <n-1@web-1.example>');
    expect(source).toContain('References: <incident.api-1@web-1.example>');
    expect(source).toContain('In-Reply-To: <incident.api-1@web-1.example>');
    expect(source).toContain('Auto-Submitted: auto-generated');
    expect(source).toContain('filename=evidence-api-1.txt');
    expect(source).not.toMatch(/^Bcc:/m);
  });

  it('goes through TLS where the server asks for it, with the login', async () => {
    const server = await smtp(
      {
        onAuth: ({ username, password }, _session, done) => done(null, { user: `${username}:${password}` }),
      },
      certificates.good,
    );
    const url = `smtp://me%40here:p%3Aw@localhost:${server.port}`;
    const outcome = await mail.send(message, [at(0, { url, ca: certificates.ca })], 5000);
    expect(outcome).toMatchObject({ ok: true });
    expect(server.mails[0]).toMatchObject({ secure: true, user: 'me@here:p:w' });
  });

  it('goes over smtps', async () => {
    const server = await smtp({ secure: true }, certificates.good);
    const url = `smtps://localhost:${server.port}`;
    expect(await mail.send(message, [at(0, { url, ca: certificates.ca })], 5000)).toMatchObject({ ok: true });
    expect(server.mails[0]?.secure).toBe(true);
    const distrusted = await refusal([at(0, { url })]);
    expect(distrusted.retry).toBe(true);
    expect(distrusted.reason).toContain('is not known here');
  });

  it('goes to this machine without TLS, as nothing is gained by it there', async () => {
    const server = await smtp({}, certificates.selfSigned);
    expect(await mail.send(message, [at(server.port)], 5000)).toMatchObject({ ok: true });
    expect(server.mails[0]?.secure).toBe(false);
  });

  it('goes to the next server when one refuses, is silent or is not there', async () => {
    const silent = await tcp(() => {});
    const server = await smtp();
    const servers = [at(await closedPort()), at(silent), at(server.port)];
    expect(await mail.send(message, servers, 1500)).toMatchObject({ ok: true });
    expect(server.mails).toHaveLength(1);
  });

  it('goes to the next server for those alone whom one refuses for now', async () => {
    const full = await smtp({
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith('night') ? done(smtpError(452, 'mailbox full')) : done(),
    });
    const second = await smtp();
    expect(await mail.send(message, [at(full.port), at(second.port)], 5000)).toEqual({
      ok: true,
      server: `127.0.0.1:${second.port}`,
      response: expect.any(String),
    });
    expect([...full.mails, ...second.mails].map(({ to }) => to)).toEqual([
      ['ops@example.com'],
      ['night@example.com'],
    ]);
    expect(await mail.send(message, [at(full.port), at(await closedPort())], 5000)).toMatchObject({
      ok: true,
      refused: [
        { address: 'night@example.com', retry: true, reason: expect.stringContaining('452 mailbox full') },
      ],
    });
  });

  it('is told to be refused for some', async () => {
    const server = await smtp({
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith('night') ? done(smtpError(550, 'no such user')) : done(),
    });
    expect(await mail.send(message, [at(server.port)], 5000)).toMatchObject({
      ok: true,
      response: expect.stringContaining('(refused for night@example.com)'),
    });
  });
});

describe('a mail that is not taken', () => {
  it.each([
    [550, false],
    [554, false],
    [451, true],
    [421, true],
  ])('after %i may be tried again: %s', async (code, retry) => {
    const server = await smtp({ onMailFrom: (_from, _session, done) => done(smtpError(code, 'not now')) });
    const outcome = await refusal([at(server.port)]);
    expect(outcome.retry).toBe(retry);
    expect(outcome.reason).toBe(
      `mail server 127.0.0.1:${server.port}: it answered ${code} not now to MAIL FROM`,
    );
  });

  it('because the data was refused or every recipient', async () => {
    const server = await smtp({
      onData(stream, _session, done) {
        stream.resume().on('end', () => done(smtpError(452, 'disk full')));
      },
    });
    expect(await refusal([at(server.port)])).toMatchObject({
      retry: true,
      reason: expect.stringContaining('it answered 452 disk full to DATA'),
    });
    const nobody = await smtp({ onRcptTo: (_to, _session, done) => done(smtpError(550, 'unknown')) });
    expect(await refusal([at(nobody.port)])).toMatchObject({
      retry: false,
      reason: expect.stringContaining('550 unknown'),
    });
  });

  it('because nothing listens', async () => {
    const port = await closedPort();
    expect(await refusal([at(port)])).toEqual({
      ok: false,
      retry: true,
      reason: `mail server: connection to 127.0.0.1:${port} refused: nothing listens there`,
    });
  });

  it('because the server accepts and is silent', async () => {
    const port = await tcp(() => {});
    const outcome = await refusal([at(port)], 200);
    expect(outcome.retry).toBe(true);
    expect(outcome.reason).toContain('within 200 ms');
  });

  it('because the server drips its greeting without end', async () => {
    const port = await tcp((socket) => {
      const drip = setInterval(() => socket.write('220-wait\r\n'), 20);
      socket.once('close', () => clearInterval(drip));
    });
    const outcome = await refusal([at(port)], 300);
    expect(outcome.retry).toBe(true);
    expect(outcome.reason).toMatch(/within 300 ms|silence/);
  });

  it('because the server closes at once or in the middle of the data', async () => {
    const closing = await tcp((socket) => socket.end());
    expect((await refusal([at(closing)])).retry).toBe(true);
    const dropping = await tcp((socket) => {
      socket.write('220 ready\r\n');
      socket.on('data', (data) => {
        const line = String(data);
        if (line.startsWith('DATA')) socket.write('354 go on\r\n');
        else if (/^(EHLO|MAIL|RCPT)/.test(line)) socket.write('250 ok\r\n');
        else socket.destroy();
      });
    });
    expect((await refusal([at(dropping)])).retry).toBe(true);
  });

  it('because the certificate after STARTTLS is not trusted, until told otherwise', async () => {
    const server = await smtp({}, certificates.selfSigned);
    const url = `smtp://localhost:${server.port}`;
    const outcome = await refusal([at(0, { url, requireTls: true })]);
    expect(outcome.retry).toBe(true);
    expect(outcome.reason).toMatch(/self-signed/);
    const taken = await mail.send(message, [at(0, { url, requireTls: true, verify: false })], 5000);
    expect(taken).toMatchObject({ ok: true });
    expect(server.mails[0]?.secure).toBe(true);
  });

  it('because TLS is demanded and not offered', async () => {
    const server = await smtp();
    expect((await refusal([at(server.port, { requireTls: true })])).reason).toMatch(/STARTTLS|TLS/);
    expect(server.mails).toHaveLength(0);
  });

  it('because the login is refused, and the password stays out of the reason', async () => {
    const server = await smtp({
      onAuth: ({ password }, _session, done) => done(smtpError(535, `wrong password ${password}`)),
    });
    const outcome = await refusal([at(0, { url: `smtp://me:hunter2secret@127.0.0.1:${server.port}` })]);
    expect(outcome.retry).toBe(false);
    expect(outcome.reason).toContain('the login was refused: 535 wrong password ***');
    expect(outcome.reason).not.toContain('hunter2secret');
  });

  it('because the address cannot be read or there is no server', async () => {
    expect(await refusal([at(0, { url: 'http://x' })])).toMatchObject({ retry: false });
    expect(await refusal([])).toMatchObject({ retry: false, reason: 'no mail server is configured' });
  });
});
