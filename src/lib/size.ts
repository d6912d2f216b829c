import { formatNumber } from './number.ts';

/**
 * Bytes of each unit of size. `kB`, `MB`, `GB`, `TB` are powers of 1024, the same as `KiB`, `MiB`, `GiB`, `TiB`: that is
 * what Monit, `ps`, `free` and `systemd` mean by them, and so what limits copied from there mean. This table is the
 * only place that says so; sizes are printed with the same units.
 */
export const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const pattern = /^\s*(\d{1,15}(?:\.\d{1,15})?)\s*([A-Za-z]{1,3})\s*$/;

/** Whole bytes of `41MB`, `1.5 GiB`, `512 B`. Undefined for anything else, also for a bare number: a size carries its unit. */
export function parseSize(text: string): number | undefined {
  const match = pattern.exec(text);
  const unit = sizeUnits[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  return Math.round(Number(match[1]) * unit);
}

const steps = [
  ['TB', 1024 ** 4],
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['kB', 1024],
] as const;

/** A size in bytes for people, one decimal: `41.2 MB`, `900 B`. */
export function formatSize(bytes: number): string {
  if (bytes < 0) return `-${formatSize(-bytes)}`;
  for (const [name, factor] of steps) {
    // Rounded first, so that 1023.99 MB is not printed as `1024 MB`.
    if (Math.round((bytes / factor) * 10) / 10 >= 1) return `${formatNumber(bytes / factor, 1)} ${name}`;
  }
  return `${formatNumber(bytes, bytes < 10 ? 1 : 0)} B`;
}
