import type { MailServer } from '../host/mail.ts';
import { choice, flag, group, list, record, secretText, text, url } from '../schema/fields.ts';
import { evidenceFiles } from './evidence-files.ts';
import { mailHeaders, messageId, references } from './mail-headers.ts';
import { defineNotifier } from './notifier-kind.ts';
import { plainText, renderNotice } from './render.ts';
import { readAuthorities, tlsFields } from './tls-choice.ts';

/** Sends notices as mail. */
export const email = defineNotifier({
  kind: 'email',
  summary: 'Sends a mail through the first of several SMTP servers that takes it.',
  options: {
    to: list(text(), { summary: 'Who gets the mail.', single: true, min: 1 }),
    from: text({ summary: 'Sender; watcher@ this host if absent.', optional: true }),
    smtp: list(url({ summary: '', schemes: ['smtp', 'smtps'] }), {
      summary:
        'Mail servers, tried in order: smtp://host:port (STARTTLS where offered) or smtps://host:port.',
      single: true,
      min: 1,
      default: ['smtp://127.0.0.1:25'],
    }),
    login: group(
      { user: text({ summary: 'User name.' }), password: secretText({ summary: 'Password.' }) },
      { summary: 'Login at the servers whose address carries none.', optional: true },
    ),
    starttls: choice(['auto', 'required', 'never'], {
      summary: 'Whether to go on in TLS at smtp:// servers; with a login, auto means required.',
      default: 'auto',
    }),
    tls: group(tlsFields, { summary: 'How the certificates of the servers are treated.', default: {} }),
    reply_to: text({ summary: 'Where answers go.', optional: true }),
    headers: record(text(), { summary: 'Further header fields.', default: {} }),
    attach_evidence: flag({ summary: 'Whether the evidence of the incident is attached.', default: true }),
  },
  main: 'to',
  example: `
email: { to: ops@example.com, smtp: ["smtp://mail-1.example.com:25", "smtp://mail-2.example.com:25"] }
`,
  async send(notice, sending) {
    const { options, host } = sending;
    const authorities = await readAuthorities(options.tls, host);
    if (!authorities.ok) return authorities;
    const rendered = renderNotice(notice, sending.lateBy);
    const outcome = await host.mail.send(
      {
        from: options.from ?? `watcher@${notice.host}`,
        to: options.to,
        subject: rendered.title,
        text: plainText(rendered),
        messageId: messageId(notice),
        references: references(notice),
        headers: { ...mailHeaders(notice), ...replyTo(options.reply_to), ...options.headers },
        // Whoever hears that it is over got the evidence when it began.
        attachments:
          options.attach_evidence && notice.status !== 'resolved'
            ? await evidenceFiles(notice, sending.evidence)
            : [],
      },
      mailServers(options, authorities.tls),
      sending.timeout,
    );
    if (!outcome.ok) return outcome;
    const detail = `${outcome.server}: ${outcome.response}`;
    if (outcome.refused === undefined) return { ok: true, detail };
    const missed = outcome.refused.map(({ address, reason }) => `${address} (${reason})`).join(', ');
    return { ok: true, detail, missed };
  },
  async reach({ options, host, timeout, signal }) {
    const reasons: string[] = [];
    for (const server of options.smtp) {
      const { protocol, hostname, port } = new URL(server);
      const secure = protocol === 'smtps:';
      const target = {
        host: hostname,
        port: Number(port) || (secure ? 465 : 25),
        tls: secure,
        verify: false,
      };
      // A server greets with 220 when it is ready (RFC 5321, section 4.2).
      const script = [{ expect: /^220[ -]/ }, { send: 'QUIT\r\n' }];
      const outcome = await host.sockets.converse(target, script, timeout / options.smtp.length, signal);
      if (outcome.ok) return { ok: true, detail: `${hostname}: ${outcome.received.split('\r\n')[0] ?? ''}` };
      reasons.push(outcome.reason);
    }
    return { ok: false, retry: true, reason: reasons.join('; ') };
  },
});

function replyTo(address: string | undefined): Readonly<Record<string, string>> {
  return address === undefined ? {} : { 'Reply-To': address };
}

function mailServers(
  options: {
    readonly smtp: readonly string[];
    readonly login?: { readonly user: string; readonly password: string };
    readonly starttls: 'auto' | 'required' | 'never';
  },
  tls: { readonly verify: boolean; readonly ca?: string },
): readonly MailServer[] {
  return options.smtp.map((server) => {
    const url = new URL(server);
    if (url.username === '' && options.login !== undefined) {
      url.username = encodeURIComponent(options.login.user);
      url.password = encodeURIComponent(options.login.password);
    }
    return {
      url: url.href,
      requireTls: options.starttls === 'required',
      plain: options.starttls === 'never',
      ...tls,
    };
  });
}
