import type { Host } from '../../host/host.ts';
import type { Discovered, Discovery } from '../manager-kind.ts';
import { callSupervisor, fullName, type ProcessInfo } from './supervisor-client.ts';

export const defaultSocket = '/var/run/supervisor.sock';

/** Where distributions and Supervisor's own sample configuration put the socket. */
const usualSockets = [defaultSocket, '/run/supervisor/supervisor.sock', '/tmp/supervisor.sock'];

/** What each Supervisor of this machine has. */
export async function discoverSupervisor(host: Host): Promise<Discovery> {
  const found: Discovered[] = [];
  const troubles: string[] = [];
  for (const socket of usualSockets) {
    if (!(await host.files.exists(socket))) continue;
    const answer = await callSupervisor(host, { socket }, 'getAllProcessInfo', []);
    if (!answer.ok) troubles.push(answer.reason);
    const infos = answer.ok ? (answer.value as unknown as readonly ProcessInfo[]) : [];
    for (const info of infos) {
      const program = info.group === info.name ? info.name : fullName(info);
      found.push({
        name: info.name,
        manager: { supervisor: socket === defaultSocket ? program : { program, socket } },
        detail: `${info.statename} ${info.description}`,
        pids: info.pid > 0 ? [info.pid] : [],
        restarts: 'supervisord',
        lasting: info.pid > 0,
      });
    }
  }
  const [trouble] = troubles;
  return {
    present: found.length > 0 || troubles.length > 0,
    services: found,
    ...(trouble === undefined ? {} : { trouble }),
  };
}
