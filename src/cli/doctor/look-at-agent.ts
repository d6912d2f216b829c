import type { Answered } from '../../control/answered.ts';
import type { Summary } from '../../control/api.ts';
import type { Finding } from './finding.ts';

const topic = 'agent';

/** Whether the agent runs, is the one that is installed, and is well. */
export function lookAtAgent(
  answered: Answered<Summary>,
  around: { readonly version: string; readonly config: string | undefined },
): readonly Finding[] {
  if (!answered.ok) {
    const { code, message, hint } = answered.failure;
    const away = code === 'no-agent';
    return [
      {
        level: away ? 'warning' : 'error',
        topic,
        code: away ? 'agent-away' : `agent-${code}`,
        message: away
          ? 'the agent does not run: nothing is watched'
          : `the agent cannot be asked: ${message}`,
        hint: away
          ? "start it: 'watcher install' as a service, 'watcher run' in the foreground"
          : (hint ?? 'see its log'),
      },
    ];
  }
  const { agent, services } = answered.value;
  const findings: Finding[] = [
    {
      level: 'ok',
      topic,
      code: 'agent-runs',
      message: `the agent runs (pid ${agent.pid}, ${services.length === 1 ? '1 service' : `${services.length} services`})`,
    },
  ];
  const warn = (code: string, message: string, hint: string): void =>
    void findings.push({ level: 'warning', topic, code, message, hint });
  if (agent.version !== around.version) {
    const message = `the agent is ${agent.version}, this program ${around.version}`;
    warn('agent-outdated', message, 'restart the agent: systemctl restart watcher');
  }
  if (around.config !== undefined && agent.config !== around.config && agent.config.startsWith('/')) {
    const message = `the agent uses ${agent.config}, and this was asked about ${around.config}`;
    warn('other-configuration', message, 'name the one that is meant with --config');
  }
  if (agent.reloadRefused !== undefined) {
    const message = `the agent goes on with old rules: ${agent.reloadRefused.summary}`;
    warn('reload-refused', message, "see 'watcher check', then 'watcher reload'");
  }
  if (agent.stateTrouble !== undefined) {
    findings.push({
      level: 'error',
      topic,
      code: 'state-not-saved',
      message: `what the agent knows is not being saved: ${agent.stateTrouble}`,
      hint: `make room in ${agent.stateDir}`,
    });
  }
  if (agent.distrust !== undefined) {
    const message = `the agent does not trust what it sees: ${agent.distrust}`;
    warn('agent-distrusts', message, 'it repairs and tells nothing until that is over');
  }
  if (agent.undelivered > 0) {
    const message = `${agent.undelivered} notices are not delivered yet`;
    warn('undelivered', message, "see 'watcher test-notify' and the log of the agent");
  }
  return findings;
}
