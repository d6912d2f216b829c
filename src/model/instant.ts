/**
 * The time of one decision, taken once by the shell and passed down.
 * `now` never goes backwards while the agent runs: the wall clock at the agent's start plus monotonic time since.
 * All durations are differences of `now`. `wall` is what a clock on the wall says: for calendars and for people.
 * Both in milliseconds since the epoch.
 */
export interface Instant {
  readonly now: number;
  readonly wall: number;
}
