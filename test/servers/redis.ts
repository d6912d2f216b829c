import { type RunningProgram, startProgram } from './program.ts';

/** An own redis-server without persistence on a free port. */
export function startRedis(...more: string[]): Promise<RunningProgram> {
  return startProgram('redis-server', (_folder, port) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    ...['--daemonize', 'no', '--loglevel', 'warning', ...more],
  ]);
}
