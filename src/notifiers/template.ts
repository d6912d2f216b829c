import type { Notice } from '../model/notice.ts';
import { plainText, type RenderedNotice } from './render.ts';

/**
 * Fills `{{name}}` in a template of a user: title, text, summary, status, severity, kind, id, host, service, check,
 * incident, measured, expected, runbook, at. Of several incidents the first one's. Unknown names stay as they are.
 * `quote` fits the values into what surrounds them.
 */
export function fillTemplate(
  template: string,
  notice: Notice,
  rendered: RenderedNotice,
  quote: (text: string) => string,
): string {
  const values = templateValues(notice, rendered);
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : quote(value);
  });
}

/** For text inside the quotes of a JSON text. */
export function jsonEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The values by name; also the environment of commands. */
export function templateValues(notice: Notice, rendered: RenderedNotice): Readonly<Record<string, string>> {
  const [item] = notice.items;
  return {
    title: rendered.title,
    text: plainText(rendered),
    summary: item?.summary ?? rendered.title,
    status: notice.status,
    severity: notice.severity,
    kind: notice.kind,
    id: notice.id,
    host: notice.host,
    service: item?.service ?? '',
    check: item?.check ?? '',
    incident: item?.incident ?? '',
    measured: item?.measured ?? '',
    expected: item?.expected ?? '',
    runbook: item?.runbook ?? '',
    at: new Date(notice.at).toISOString(),
  };
}
