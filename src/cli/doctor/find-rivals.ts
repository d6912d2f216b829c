import type { Discovered } from '../../managers/manager-kind.ts';
import { inlineYaml } from '../starter/inline-yaml.ts';
import type { Surveyed } from '../starter/survey-managers.ts';
import type { Finding } from './finding.ts';
import type { Watched } from './watched.ts';

/** Programs that restart services of others and are no manager here, by the kernel's name of their process. */
const otherWatchdogs: Readonly<Record<string, string>> = {
  god: 'god',
  bluepilld: 'Bluepill',
  pacemakerd: 'Pacemaker',
  kubelet: 'the kubelet of Kubernetes',
  nomad: 'Nomad',
  puppet: 'Puppet',
};

/**
 * Whether anything else restarts what a rule repairs: two that do not know of each other start it twice, or stop what the
 * other just started. The manager that the rule names is none: the watcher waits for it.
 */
export function findRivals(
  watched: readonly Watched[],
  surveys: readonly Surveyed[],
  running: ReadonlySet<string>,
): readonly Finding[] {
  return [
    ...watched.flatMap((one) => surveys.flatMap((survey) => rivalsIn(one, survey))),
    ...surveys.flatMap((survey) => ownManagers(survey, watched)),
    ...twice(watched),
    ...Object.entries(otherWatchdogs).flatMap(([comm, name]): readonly Finding[] =>
      running.has(comm)
        ? [
            {
              level: 'note',
              topic: 'rivals',
              code: 'other-watchdog',
              message: `${name} runs here and may restart services as well`,
              hint: 'give each service one that repairs it',
            },
          ]
        : [],
    ),
  ];
}

function rivalsIn(one: Watched, { kind, services }: Surveyed): readonly Finding[] {
  const own = one.service.manager;
  if (own?.kind === kind) return [];
  // What is down has no process to go by; Monit's name for it is then the best there is.
  const rival = services.find(
    ({ name: theirs, pids }) =>
      pids.some((pid) => one.pids.includes(pid)) || (kind === 'monit' && theirs === one.service.name),
  );
  if (rival === undefined) return [];
  const { name } = one.service;
  const topic = 'rivals' as const;
  const rule = own === undefined ? 'has no manager in its rule' : `is managed by ${own.kind} in its rule`;
  if (kind === 'monit') return [besideMonit(one, rival)];
  if (!one.repairs) {
    return [
      {
        level: 'note',
        topic,
        code: 'other-manager',
        message: `${name}: ${kind} runs its process (${rival.name}), and it ${rule}`,
        hint: `with 'manager: ${inlineYaml(rival.manager)}' a stop by hand is seen as one`,
        service: name,
      },
    ];
  }
  const revives = rival.restarts === undefined ? '' : `, and starts it again by itself (${rival.restarts})`;
  return [
    {
      level: 'warning',
      topic,
      code: rival.restarts === undefined ? 'other-manager' : 'two-repairers',
      message: `${name}: ${kind} runs its process (${rival.name})${revives}, but it ${rule}: repairs go past ${kind}`,
      hint: `let repairs go through it: manager: ${inlineYaml(rival.manager)}`,
      service: name,
    },
  ];
}

function besideMonit({ service: { name }, repairs }: Watched, rival: Discovered): Finding {
  if (!repairs) {
    return {
      level: 'note',
      topic: 'rivals',
      code: 'watched-twice',
      message: `${name}: Monit watches and restarts it (${rival.name}); the rule only tells`,
      service: name,
    };
  }
  return {
    level: 'warning',
    topic: 'rivals',
    code: 'two-repairers',
    message: `${name}: Monit (${rival.name}) and the rule both restart it`,
    hint: `leave it to one of them: monit unmonitor ${rival.name} (and take it out of Monit's control file), or take the repairs out of the rule`,
    service: name,
  };
}

/** A manager that itself restarts what the rule repairs: right as it is, and worth knowing. */
function ownManagers({ kind, services }: Surveyed, watched: readonly Watched[]): readonly Finding[] {
  const revived = watched.filter(
    ({ service, repairs, pids }) =>
      repairs &&
      service.manager?.kind === kind &&
      services.some(
        ({ restarts, pids: theirs }) => restarts !== undefined && theirs.some((pid) => pids.includes(pid)),
      ),
  );
  if (revived.length === 0) return [];
  const names = revived.map(({ service }) => service.name).join(', ');
  return [
    {
      level: 'ok',
      topic: 'rivals',
      code: 'manager-restarts',
      message: `${kind} restarts ${names} by itself; repairs wait for it, and begin when it gave up`,
    },
  ];
}

/** Two rules that repair one process. */
function twice(watched: readonly Watched[]): readonly Finding[] {
  const repaired = watched.filter(({ repairs }) => repairs);
  return repaired.flatMap((one, index) =>
    repaired
      .slice(index + 1)
      .filter(({ pids }) => pids.some((pid) => one.pids.includes(pid)))
      .map(
        ({ service: { name } }): Finding => ({
          level: 'warning',
          topic: 'rivals',
          code: 'two-rules',
          message: `${one.service.name} and ${name}: two rules repair the same process`,
          hint: 'make one service of them: budget and intent are kept by service',
          service: name,
        }),
      ),
  );
}
