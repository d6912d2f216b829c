/** The version in package.json; the build writes it in. From source: `0.0.0-source`. */
export const programVersion: string = process.env.WATCHER_VERSION ?? '0.0.0-source';
