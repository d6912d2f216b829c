import type { Host } from '../host/host.ts';

/** Home folder of a user by name, or of the one that this program runs as. */
export async function homeOf(host: Pick<Host, 'users' | 'self'>, user: string | undefined): Promise<string> {
  const found = await host.users.user(user ?? String(host.self.uid));
  return found?.home ?? '/root';
}
