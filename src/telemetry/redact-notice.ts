import type { Redactor } from '../lib/redactor.ts';
import type { Notice } from '../model/notice.ts';
import { redactValue } from './redact-value.ts';

/** The notice without secrets. What it is found by (ids, names of rules) stays: a short secret may be part of such a name. */
export function redactNotice(notice: Notice, redact: Redactor): Notice {
  const { id, notifier, kind, status, severity } = notice;
  const items = notice.items.map((item) => {
    const { incident, service, check, status: state, severity: weight, evidence } = item;
    const kept = { incident, service, check, status: state, severity: weight };
    return { ...redactValue(item, redact), ...kept, ...(evidence === undefined ? {} : { evidence }) };
  });
  return { ...redactValue(notice, redact), id, notifier, kind, status, severity, items };
}
