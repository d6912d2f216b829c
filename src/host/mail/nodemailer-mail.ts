import type { Mail, MailOutcome, RefusedRecipient } from '../mail.ts';
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
      let taken: Extract<MailOutcome, { ok: true }> | undefined;
      let { to } = message;
      let final: readonly RefusedRecipient[] = [];
      for (const [index, server] of servers.entries()) {
        // A fair share of what is left, so that a hung first server leaves time for the second.
        const share = (until - performance.now()) / (servers.length - index);
        if (share <= 0) break;
        const attempt = await deliver(nodemailer, lookUp, { ...message, to }, server, share);
        if (!attempt.ok) {
          failures.push(attempt);
          continue;
        }
        // The next server may take it for those whom this one refuses for now; nobody gets it twice.
        final = [...final.filter(({ retry }) => !retry), ...attempt.refused];
        taken = { ok: true, server: attempt.server, response: attempt.response };
        to = attempt.refused.filter(({ retry }) => retry).map(({ address }) => address);
        if (to.length === 0) break;
      }
      if (taken !== undefined) return final.length === 0 ? taken : { ...taken, refused: final };
      if (failures.length === 0) return { ok: false, retry: false, reason: 'no mail server is configured' };
      const reasons = [...new Set(failures.map((failure) => failure.reason))];
      return { ok: false, retry: failures.some((failure) => failure.retry), reason: reasons.join('; ') };
    },
  };
}

function isNodemailer(loaded: Nodemailer): boolean {
  return typeof loaded.createTransport === 'function';
}
