import type { Mail, MailOutcome } from '../mail.ts';
import { createNameLookup, type LookUpName } from '../net/name-lookup.ts';
import { loadPackage } from '../packages/load-package.ts';
import { deliver, type Nodemailer } from './mail-delivery.ts';

/** Real mail, over nodemailer: loaded with the first mail. */
export function createMail(lookUp: LookUpName = createNameLookup()): Mail {
  let nodemailer: Nodemailer | undefined;
  return {
    async send(message, servers, timeoutMs) {
      nodemailer ??= loadPackage('nodemailer', isNodemailer);
      const until = performance.now() + timeoutMs;
      const failures: Extract<MailOutcome, { ok: false }>[] = [];
      for (const [index, server] of servers.entries()) {
        // A fair share of what is left, so that a hung first server leaves time for the second.
        const share = (until - performance.now()) / (servers.length - index);
        if (share <= 0) break;
        const attempt = await deliver(nodemailer, lookUp, message, server, share);
        if (attempt.ok) return attempt;
        failures.push(attempt);
      }
      if (failures.length === 0) return { ok: false, retry: false, reason: 'no mail server is configured' };
      const reasons = [...new Set(failures.map((failure) => failure.reason))];
      return { ok: false, retry: failures.some((failure) => failure.retry), reason: reasons.join('; ') };
    },
  };
}

function isNodemailer(loaded: Nodemailer): boolean {
  return typeof loaded.createTransport === 'function';
}
