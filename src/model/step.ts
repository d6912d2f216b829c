import type { Event } from './event.ts';
import type { ManagerReport, OperationResult } from './manager.ts';
import type { Notice } from './notice.ts';
import type { ProbeResult } from './reading.ts';
import type { EngineState, Operation, Silence } from './state.ts';

/** What the shell tells the engine. */
export type Input =
  | {
      readonly type: 'observed';
      readonly service: string;
      readonly check: string;
      readonly result: ProbeResult;
      /** How long the probe took. */
      readonly tookMs: number;
      /**
       * `Instant.now` when it began, where that is not `tookMs` ago: a probe that began before an operation ended is no
       * proof of anything after it.
       */
      readonly beganAt?: number;
    }
  /**
   * What the manager says. Give it before the `observed` of the same moment: a process that its manager is about to
   * bring back, or that somebody stopped, must not first look like a failure.
   */
  | { readonly type: 'reported'; readonly service: string; readonly report: ManagerReport }
  | {
      readonly type: 'operation-finished';
      readonly service: string;
      readonly operation: string;
      readonly result: OperationResult;
    }
  | {
      readonly type: 'evidence-captured';
      readonly incident: string;
      readonly evidence: string;
      readonly summary: string;
    }
  | { readonly type: 'command'; readonly command: OperatorCommand; readonly by: string }
  /** Whether one of the service's `hold_while` applies, and which; without a reason, none. */
  | { readonly type: 'holding'; readonly service: string; readonly reason?: string }
  /** What the calendar says: names of the active maintenance windows, indices of the routes whose `during` covers this moment. */
  | { readonly type: 'maintenance'; readonly active: readonly string[]; readonly routes?: readonly number[] }
  | { readonly type: 'calendar'; readonly service: string; readonly due: 'restart' }
  | { readonly type: 'trust'; readonly trusted: boolean; readonly reason?: string }
  | {
      readonly type: 'delivery';
      readonly notifier: string;
      readonly working: boolean;
      readonly reason?: string;
    }
  /**
   * Who really heard a notice: a fallback carried it (`by` is not the notifier it was written for), others may have got it
   * without answering (`perhaps`), or it was no opening one and got through to a reader who may have missed that.
   */
  | {
      readonly type: 'delivered';
      readonly notice: Notice;
      readonly by: string;
      readonly perhaps?: readonly string[];
    }
  /** After start and after a reload: brings the state in line with the configuration. */
  | { readonly type: 'configured'; readonly reason: 'start' | 'reload' }
  | { readonly type: 'reload-refused'; readonly summary: string }
  /** Whether what is decided survives the agent just now; without a reason, it does. */
  | { readonly type: 'saving'; readonly trouble?: string }
  /** The state that was found at the start was not what had been written; `text` says what became of it. */
  | { readonly type: 'state-damaged'; readonly text: string }
  | { readonly type: 'tick' };

export type OperatorCommand =
  | { readonly do: 'monitor' | 'start' | 'stop' | 'restart' | 'reload'; readonly service: string }
  | { readonly do: 'unmonitor'; readonly service: string; readonly for?: number }
  | {
      readonly do: 'acknowledge';
      readonly incident: string;
      readonly comment?: string;
      readonly until?: number;
    }
  | { readonly do: 'unacknowledge'; readonly incident: string }
  | { readonly do: 'silence'; readonly silence: Omit<Silence, 'id'> }
  | { readonly do: 'unsilence'; readonly id: string };

/** What the engine asks the shell to do. */
export type Action =
  /**
   * Run the operation, after capturing evidence under the name in `evidence` where it is given; answer with
   * `operation-finished`. `hurry`: the process is dead already, so do not let the operation wait for the evidence.
   */
  | {
      readonly do: 'operate';
      readonly service: string;
      readonly operation: Operation;
      readonly evidence?: string;
      readonly hurry?: boolean;
    }
  /**
   * Capture evidence of an incident for which no repair begins, under the name in `evidence`; answer with
   * `evidence-captured`. `commands`: run those that the rules name, too.
   */
  | {
      readonly do: 'capture';
      readonly service: string;
      readonly incident: string;
      readonly evidence: string;
      readonly reason: string;
      readonly commands: boolean;
    }
  /** Write down in the outbox, then send. */
  | { readonly do: 'notify'; readonly notice: Notice }
  /** Run this check's probe now (`check` absent: all of the service's). */
  | { readonly do: 'probe'; readonly service: string; readonly check?: string }
  /** Change the pace of a check: the soft recheck interval, or back to its own cadence. */
  | { readonly do: 'pace'; readonly service: string; readonly check: string; readonly every?: number };

/** The outcome of one pure step. */
export interface Step {
  readonly state: EngineState;
  readonly events: readonly Event[];
  readonly actions: readonly Action[];
  /** When the engine wants a `tick` at the latest, for time that passes without readings. */
  readonly wakeAt?: number;
}
