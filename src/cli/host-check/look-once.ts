import { judgeOf } from '../../agent/judge-kind.ts';
import { createManagerDesk, type ManagerDesk } from '../../agent/manager-desk.ts';
import { createMasking } from '../../agent/masking.ts';
import { runCycle } from '../../agent/run-cycle.ts';
import type { CheckKind } from '../../checks/check-kind.ts';
import type { Kinds } from '../../config/kinds.ts';
import type { Host } from '../../host/host.ts';
import type { Redactor } from '../../lib/redactor.ts';
import type { ManagerReport } from '../../model/manager.ts';
import type { Judgement } from '../../model/reading.ts';
import type { Check, Service } from '../../model/service.ts';
import type { CheckStateName, ServiceStateName } from '../../model/state.ts';

/** What one pass over a service found. */
export interface Found {
  readonly service: string;
  readonly state: ServiceStateName;
  /** The sentences of the checks that are not well. */
  readonly problem: string;
  readonly checks: readonly {
    readonly name: string;
    readonly state: CheckStateName;
    readonly summary: string;
  }[];
}

/**
 * Looks at every check of these services once, all at the same time, without memory and without consequences. What is said
 * of them has no secrets in it: they are masked as in the agent, before anything is cut or quoted.
 */
export async function lookOnce(
  services: readonly Service[],
  { host, kinds, redact }: Pick<Means, 'host' | 'kinds' | 'redact'>,
  onBug: Means['onBug'],
): Promise<readonly Found[]> {
  const desk = createManagerDesk({ host, kinds: kinds.managers, onChange: () => undefined, onBug });
  desk.configure(services);
  try {
    return await Promise.all(
      services.map((service) => lookAtService(service, { host, kinds, desk, redact, onBug })),
    );
  } finally {
    desk.close();
  }
}

interface Means {
  readonly host: Host;
  readonly kinds: Kinds;
  readonly desk: ManagerDesk;
  readonly redact: Redactor;
  readonly onBug: (error: unknown, about: string) => void;
}

async function lookAtService(service: Service, means: Means): Promise<Found> {
  const checks = await Promise.all(
    service.checks.map(async (check) => {
      const { verdict, summary } = await lookAtCheck(service, check, means);
      return { name: check.name, state: stateOf[verdict], summary };
    }),
  );
  const report = await means.desk.report(service.name, Number.POSITIVE_INFINITY);
  const ill = checks.filter(({ state }) => state !== 'up');
  return {
    service: service.name,
    state: intended(report) ?? worst(checks.map(({ state }) => state)),
    problem: ill.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
    checks,
  };
}

/** What the manager says comes first: what is meant to be stopped is not down. */
function intended(report: ManagerReport | undefined): ServiceStateName | undefined {
  if (report?.activity === 'starting' || report?.activity === 'restarting') return 'starting';
  return report?.intent === 'stopped' && report.activity !== 'running' ? 'stopped' : undefined;
}

const stateOf = { ok: 'up', warning: 'warning', failing: 'down', unknown: 'unknown' } as const;

function worst(states: readonly CheckStateName[]): ServiceStateName {
  return (['down', 'unknown', 'warning'] as const).find((state) => states.includes(state)) ?? 'up';
}

async function lookAtCheck(
  service: Service,
  check: Check,
  { host, kinds, desk, redact, onBug }: Means,
): Promise<Judgement> {
  const kind = kinds.checks[check.kind];
  if (kind === undefined) throw new Error(`a resolved check of unknown kind '${check.kind}'`);
  let judgement: Judgement | undefined;
  const masking = createMasking(redact);
  await runCycle({
    host,
    kind: kind as CheckKind,
    service,
    check,
    memory: {},
    desk,
    calm: () => false,
    tell: (inputs) => {
      const judge = masking.judgeBy(judgeOf(kinds.checks));
      for (const input of inputs.map((told) => masking.mask(told))) {
        if (input.type !== 'observed') continue;
        judgement = judge(check, input.result, {}, host.clock.instant().wall).judgement;
      }
    },
    holding: async () => undefined,
    judge: (result) => result,
    onBug,
  });
  return judgement ?? { verdict: 'unknown', summary: 'the check told nothing', findings: [] };
}
