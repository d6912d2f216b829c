/** What of koffi is used here; its own types are those of the optional package. */
export type Koffi = typeof import('koffi')['default'];

let loading: Promise<Koffi | undefined> | undefined;
let loaded: Koffi | undefined;

/** Calls into the C library: an optional package, loaded once and on first use. Undefined where it is missing or refuses to work. */
export function loadKoffi(): Promise<Koffi | undefined> {
  loading ??= import('koffi').then(
    ({ default: koffi }) => {
      loaded = koffi;
      return koffi;
    },
    () => undefined,
  );
  return loading;
}

/** The package when somebody has loaded it already. */
export function loadedKoffi(): Koffi | undefined {
  return loaded;
}
