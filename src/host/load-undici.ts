import type { Client } from 'undici';

/** The class of undici that speaks HTTP over one given connection. */
export type ClientClass = typeof Client;

/** Loads it; the whole package only where a later version keeps it elsewhere. */
export async function loadClient(): Promise<ClientClass> {
  try {
    return (await import('undici/lib/dispatcher/client.js')).default;
  } catch {
    return (await import('undici')).Client;
  }
}
