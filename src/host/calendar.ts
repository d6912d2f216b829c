/** Calendar questions, answered by node-cron (loaded on first use). Five-field patterns; IANA time zones. */
export interface Calendar {
  /** A sentence about what is wrong with the pattern or the zone, or nothing. */
  problem(cron: string, timezone?: string): string | undefined;
  /** First matching time strictly after `after`; both in wall-clock milliseconds since the epoch. */
  next(cron: string, timezone: string | undefined, after: number): number;
  /** The latest match at or before `at`, no further back than `within` milliseconds. */
  last(cron: string, timezone: string | undefined, at: number, within: number): number | undefined;
}
