import type { LoadResult } from '../../config/load-config.ts';
import type { Host } from '../../host/host.ts';
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../schema/problem.ts';
import { checkHost } from '../host-check/check-host.ts';
import type { Finding } from './finding.ts';

/** What `watcher check --host` would say, as findings. */
export async function lookAtRules(
  loaded: LoadResult,
  title: string,
  host: Host,
): Promise<readonly Finding[]> {
  const { config, problems } = loaded;
  const errors = problems.filter(({ level }) => level === 'error');
  if (config === undefined || errors.length > 0) {
    const first = errors[0] === undefined ? '' : `: ${errors[0].message}`;
    const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
    return [
      {
        level: 'error',
        topic: 'configuration',
        code: 'rules-refused',
        message: `${title} does not load, ${count}${first}`,
        hint: "'watcher check' shows each with its place",
      },
    ];
  }
  const found = [...problems, ...(await checkHost(config, loaded, host))];
  const services = config.services.length;
  return [
    {
      level: 'ok',
      topic: 'configuration',
      code: 'rules-load',
      message: `${title}: ${services === 1 ? '1 service' : `${services} services`}`,
    },
    ...found.filter(({ code }) => code !== 'notifier-unreachable').map(findingOf),
    ...noticesOf(config, found),
  ];
}

function findingOf({ level, code, message, hint, place }: Problem): Finding {
  const at = place === undefined ? '' : ` (${place.file}:${place.line})`;
  return {
    level: level === 'error' ? 'error' : 'warning',
    topic: 'configuration',
    code,
    message: `${message}${at}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Whether anybody is told, and whether somebody notices when this machine as a whole is gone. */
function noticesOf(config: Config, found: readonly Problem[]): readonly Finding[] {
  const topic = 'notices';
  const count = Object.keys(config.notifiers).length;
  const told =
    config.notify.length > 0 ||
    config.services.some(({ checks }) => checks.some(({ notify }) => notify.length > 0));
  const unreachable = found.filter(({ code }) => code === 'notifier-unreachable');
  const findings: Finding[] = unreachable.map(({ message }) => ({
    level: 'warning',
    topic,
    code: 'notifier-unreachable',
    message,
    hint: "try it: 'watcher test-notify'",
  }));
  if (count === 0 || !told) {
    findings.push({
      level: 'warning',
      topic,
      code: 'nobody-told',
      message:
        count === 0
          ? 'there is no notifier: nobody is told of anything'
          : 'no notifier is used: nobody is told',
      hint:
        count === 0
          ? 'add `notifiers:` and `notify:` to watcher.yaml'
          : 'name them under `notify:` in watcher.yaml',
    });
  } else if (unreachable.length === 0) {
    findings.push({
      level: 'ok',
      topic,
      code: 'notifiers',
      message: `notifiers: ${Object.keys(config.notifiers).join(', ')}`,
    });
  }
  if (config.heartbeat === undefined && told) {
    findings.push({
      level: 'note',
      topic,
      code: 'no-heartbeat',
      message: 'when this machine or its network is gone, nobody is told of that',
      hint: 'add `heartbeat:` to watcher.yaml, and let another place wait for it',
    });
  }
  return findings;
}
