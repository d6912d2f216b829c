import { homedir } from 'node:os';
import type { Surroundings } from '../../config/files/find-config.ts';
import type { Io } from '../io.ts';

/** What the places of configuration, state and socket depend on, of this process. */
export function surroundingsOf(io: Io): Surroundings {
  return { env: io.env, cwd: io.cwd, home: homedir(), uid: process.geteuid?.() ?? 0 };
}
