import type { Config, MaintenanceWindow, Notifier } from '../../model/config.ts';
import { writeDuration } from '../../schema/fields/units.ts';
import { type Origins, originText } from '../combine/layers.ts';
import type { Kinds } from '../kinds.ts';
import type { NotifierDraft } from '../resolve/resolve-notifiers.ts';
import { kindNamed } from '../settings/kind-choice.ts';
import type { Line } from './described-lines.ts';

/** What the agent was told of itself, and where. */
export function agentLines(config: Config, origins: Origins): readonly Line[] {
  return settingsOf(config).map((line) => {
    const [, setting] = /^(\w+):/.exec(line.text) ?? [];
    if (line.indent > 0 || setting === undefined) return line;
    return { ...line, note: originText(origins(setting)) ?? 'built in' };
  });
}

function settingsOf(config: Config): readonly Line[] {
  const { maxRepairs, heartbeat } = config;
  const groups = Object.entries(maxRepairs.groups).map(([name, most]) => `${name}: ${most}`);
  return [
    { indent: 0, text: `host_name: ${config.hostName}` },
    { indent: 0, text: `state_dir: ${config.stateDir}` },
    { indent: 0, text: `socket: ${config.socket}` },
    { indent: 0, text: `notify: [${config.notify.join(', ')}]` },
    {
      indent: 0,
      text: `max_repairs: { host: ${maxRepairs.host}, groups: { ${groups.join(', ')} } }`.replace(
        '{  }',
        '{}',
      ),
    },
    { indent: 0, text: `notices: { group_wait: ${writeDuration(config.notices.groupWait)} }` },
    { indent: 0, text: `uplink: [${config.uplink.join(', ')}]` },
    { indent: 0, text: `watch: ${config.watchFiles}` },
    { indent: 0, text: `nudges: ${config.nudges ?? true}` },
    { indent: 0, text: `log: ${config.log.level}` },
    ...(heartbeat === undefined
      ? []
      : [{ indent: 0, text: `heartbeat: { url: ***, every: ${writeDuration(heartbeat.every)} }` }]),
    ...(config.maintenance.length === 0 ? [] : [{ indent: 0, text: 'maintenance:' }]),
    ...config.maintenance.map((window) => ({ indent: 1, text: `- ${windowText(window)}` })),
    ...(config.routes.length === 0 ? [] : [{ indent: 0, text: 'routes:' }]),
    ...config.routes.map((route) => ({ indent: 1, text: `- ${JSON.stringify(route)}` })),
  ];
}

/** The ways to tell people. */
export function notifierLines(
  config: Config,
  drafts: ReadonlyMap<string, NotifierDraft>,
  kinds: Kinds,
): readonly Line[] {
  const notifiers = Object.values(config.notifiers);
  if (notifiers.length === 0)
    return [{ indent: 0, text: 'notifiers: {}', note: 'nobody is told of anything' }];
  return [
    { indent: 0, text: 'notifiers:' },
    ...notifiers.flatMap((notifier) => oneNotifier(notifier, drafts.get(notifier.name), kinds)),
  ];
}

function oneNotifier(notifier: Notifier, draft: NotifierDraft | undefined, kinds: Kinds): readonly Line[] {
  const fields = kindNamed(kinds.notifiers, notifier.kind)?.options ?? {};
  const limit = notifier.rateLimit;
  const setting = (name: string, text: string): Line => ({
    indent: 2,
    text: `${name}: ${text}`,
    note: originText(draft?.origins(name)) ?? 'built in',
  });
  return [
    {
      indent: 1,
      text: `${notifier.name}:`,
      note: originText(draft && { label: '', place: draft.place })?.trim(),
    },
    { indent: 2, text: `${notifier.kind}:` },
    ...Object.entries(fields).flatMap(([name, field]) => {
      const value = notifier.options[name];
      const note = originText(draft?.optionOrigins(name)) ?? `built in, of kind ${notifier.kind}`;
      return value === undefined ? [] : [{ indent: 3, text: `${name}: ${field.print(value)}`, note }];
    }),
    setting('min_severity', notifier.minSeverity),
    setting('fallback', `[${notifier.fallback.join(', ')}]`),
    setting('send_resolved', String(notifier.sendResolved)),
    ...(limit === undefined
      ? []
      : [setting('rate_limit', `${limit.messages} in ${writeDuration(limit.window)}`)]),
  ];
}

function windowText({ name, when, services, groups, repairs }: MaintenanceWindow): string {
  const time =
    'cron' in when
      ? `cron: "${when.cron}", ${when.timezone === undefined ? '' : `timezone: ${when.timezone}, `}for: ${writeDuration(when.duration)}`
      : `from: ${new Date(when.from).toISOString()}, until: ${new Date(when.until).toISOString()}`;
  return `{ name: ${name}, ${time}, services: [${services.join(', ')}], groups: [${groups.join(', ')}], repairs: ${repairs} }`;
}
