import { loadPackage } from './load-package.ts';

/** What of koffi is used here; its own types are those of the optional package. */
export type Koffi = typeof import('koffi')['default'];

/** Milliseconds after which what could not be loaded (no descriptor was free) is tried again. */
const AGAIN_AFTER = 60_000;

/** Loads it once; `now` is monotonic milliseconds. */
export function createKoffiLoader(
  load: () => Koffi,
  now: () => number,
): { readonly load: () => Koffi | undefined; readonly loaded: () => Koffi | undefined } {
  let loaded: Koffi | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  return {
    load() {
      if (loaded !== undefined || now() - failedAt < AGAIN_AFTER) return loaded;
      try {
        loaded = load();
      } catch {
        failedAt = now();
      }
      return loaded;
    },
    loaded: () => loaded,
  };
}

const loader = createKoffiLoader(
  () => loadPackage<Koffi>('koffi', (loaded) => typeof loaded.load === 'function'),
  () => performance.now(),
);

/** Calls into the C library: an optional package, loaded once and on first use. Undefined where it is missing or refuses to work. */
export async function loadKoffi(): Promise<Koffi | undefined> {
  return loader.load();
}

/** The package when somebody has loaded it already. */
export function loadedKoffi(): Koffi | undefined {
  return loader.loaded();
}
