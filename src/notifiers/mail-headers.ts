import type { Notice } from '../model/notice.ts';

/** Most incidents of one notice that its mail is threaded with: References must not grow without end. */
const MOST_REFERENCES = 10;

/** The same for every try of a notice, so that a mail that arrives twice can be told to be one (RFC 5322, 3.6.4). */
export function messageId(notice: Notice): string {
  return `<${atom(notice.id)}@${domain(notice.host)}>`;
}

/** All mails about an incident refer to one message that never was: clients put them into one thread. */
export function references(notice: Notice): readonly string[] {
  const incidents = new Set(notice.items.map((item) => item.incident).filter((id) => id !== ''));
  return [...incidents]
    .slice(0, MOST_REFERENCES)
    .map((id) => `<incident.${atom(id)}@${domain(notice.host)}>`);
}

/** Marks the mail as written by a machine, so that nothing answers it (RFC 3834), and sortable (RFC 2919). */
export function mailHeaders(notice: Notice): Readonly<Record<string, string>> {
  const urgent = notice.status === 'firing' && notice.severity === 'critical';
  const services = [...new Set(notice.items.map((item) => item.service))];
  return {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'List-Id': `watcher <watcher.${domain(notice.host)}>`,
    'X-Watcher-Notice': notice.id,
    'X-Watcher-Kind': notice.kind,
    'X-Watcher-Severity': notice.severity,
    ...(services.length === 0 ? {} : { 'X-Watcher-Services': services.slice(0, 20).join(', ') }),
    ...(urgent ? { 'X-Priority': '1', Importance: 'high' } : {}),
  };
}

function atom(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^\.+|\.+$|\.(?=\.)/g, '') || 'notice';
}

function domain(host: string): string {
  return host.replace(/[^A-Za-z0-9.-]/g, '-').replace(/^[.-]+|[.-]+$/g, '') || 'localhost';
}
