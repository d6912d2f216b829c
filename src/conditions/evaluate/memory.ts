import type {
  Condition,
  ConditionMemory,
  ReadingExpression,
  WindowExpression,
} from '../../model/condition.ts';
import type { Reading, ReadingValue } from '../../model/reading.ts';
import { printExpression } from '../print.ts';
import { walk } from '../walk.ts';
import { evaluate, truthOf } from './evaluate.ts';
import { fingerprint } from './fingerprint.ts';
import type { Scene } from './scene.ts';
import type { WindowMemory } from './window.ts';
import { addSample, filledFor, partialValue, windowValue } from './window.ts';

/** What conditions remember, as it is stored. Every part is keyed by the canonical text of what it belongs to. */
interface Remembered {
  readonly windows: Readonly<Record<string, WindowMemory>>;
  /** Fingerprints of the last known values of what `changed` and `unchanged` look at. */
  readonly last: Readonly<Record<string, Fingerprint>>;
  /** Conditions that alarmed at their last decision: what `clear at` and filling windows depend on. */
  readonly tripped: Readonly<Record<string, true>>;
}

interface Fingerprint {
  readonly mark: string;
  /** The value for people, where it is short. */
  readonly text?: string;
}

/** One cycle's view of the memory. */
export interface Recall {
  readonly scene: Scene;
  isTripped(key: string): boolean;
  /** The last value for people, for `was 4242`. */
  lastText(operand: ReadingExpression): string | undefined;
  /** The value of a window that is not filled yet, from what there is. */
  partial(window: WindowExpression): number | undefined;
  /** How long the window is filled. */
  filled(window: WindowExpression): number;
  /** The memory for the next cycle; `tripped` are the keys that alarm now. */
  next(tripped: readonly string[]): ConditionMemory;
}

interface Needs {
  readonly windows: readonly (readonly [key: string, window: WindowExpression])[];
  readonly watched: readonly (readonly [key: string, operand: ReadingExpression])[];
}

const needed = new WeakMap<Condition, Needs>();

/** What a condition needs remembered; found once. */
export function needsOf(condition: Condition): Needs {
  const known = needed.get(condition);
  if (known !== undefined) return known;
  const windows: (readonly [string, WindowExpression])[] = [];
  const watched: (readonly [string, ReadingExpression])[] = [];
  for (const root of condition.clear ? [condition.expression, condition.clear] : [condition.expression]) {
    for (const part of walk(root)) {
      if (part.node === 'window') windows.push([keyOf(part), part]);
      if (part.node === 'changed' || part.node === 'unchanged') {
        watched.push([printExpression(part.operand), part.operand]);
      }
    }
  }
  const needs = { windows, watched };
  needed.set(condition, needs);
  return needs;
}

/** `used` and its forecast are two things: a declared forecast is written by its name, the function by its call. */
function keyOf(window: WindowExpression): string {
  return window.name === undefined
    ? printExpression(window)
    : `${window.name} of ${printExpression(window.operand)}`;
}

/** Takes this cycle's samples and makes ready what its evaluation looks at. */
export function recall(
  conditions: readonly Condition[],
  { reading, seen, at }: { readonly reading: Reading; readonly seen: boolean; readonly at: number },
  memory: ConditionMemory,
): Recall {
  const old = readMemory(memory);
  const windows: Record<string, WindowMemory> = {};
  const last: Record<string, Fingerprint> = {};
  const values = new Map<WindowExpression, number>();
  const byExpression = new Map<WindowExpression, WindowMemory | undefined>();
  const scene: Scene = {
    reading,
    at,
    seen,
    window(expression) {
      const state = byExpression.get(expression);
      const value = values.get(expression);
      if (state === undefined || value === undefined) return undefined;
      return windowValue(
        expression.function,
        expression.window,
        state,
        at,
        value,
        fullOf(expression, reading),
      );
    },
    changed(operand) {
      const value = evaluate(operand, scene);
      if (value === undefined) return undefined;
      const before = old.last[printExpression(operand)];
      return before !== undefined && before.mark !== fingerprint(value);
    },
  };
  for (const condition of conditions) {
    for (const [key, window] of needsOf(condition).windows) {
      const value = sampleOf(window, scene);
      if (value !== undefined) values.set(window, value);
      const before = old.windows[key];
      const state =
        windows[key] ??
        (value === undefined ? before : addSample(window.function, window.window, before, at, value));
      byExpression.set(window, state);
      if (state !== undefined) windows[key] = state;
    }
    for (const [key, operand] of needsOf(condition).watched) {
      const value = evaluate(operand, scene);
      const kept = value === undefined ? old.last[key] : { mark: fingerprint(value), ...shortText(value) };
      if (kept !== undefined) last[key] = kept;
    }
  }
  return {
    scene,
    isTripped: (key) => old.tripped[key] === true,
    lastText: (operand) => old.last[printExpression(operand)]?.text,
    partial(window) {
      const state = byExpression.get(window);
      const value = values.get(window);
      if (state === undefined || value === undefined) return undefined;
      return partialValue(window.function, state, at, value, fullOf(window, reading));
    },
    filled: (window) => filledFor(window.function, byExpression.get(window), at),
    next: (tripped) => writeMemory(windows, last, tripped),
  };
}

function sampleOf(window: WindowExpression, scene: Scene): number | undefined {
  if (window.function === 'count') {
    const truth = truthOf(window.operand, scene);
    return truth === undefined ? undefined : truth ? 1 : 0;
  }
  const value = evaluate(window.operand, scene);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function fullOf(window: WindowExpression, reading: Reading): number | undefined {
  const full = window.reaches === undefined ? undefined : reading[window.reaches];
  return typeof full === 'number' ? full : undefined;
}

function shortText(value: ReadingValue): { readonly text?: string } {
  const text = typeof value === 'object' ? undefined : JSON.stringify(value);
  return text === undefined || text.length > 60 ? {} : { text };
}

/** The parts that are there and of the right shape: what was stored by another version must not break a cycle. */
function readMemory(memory: ConditionMemory): Remembered {
  return {
    windows: recordOf(memory['windows'], isWindow),
    last: recordOf(memory['last'], isFingerprint),
    tripped: recordOf(memory['tripped'], (value): value is true => value === true),
  };
}

function recordOf<T>(value: unknown, fits: (entry: unknown) => entry is T): Readonly<Record<string, T>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, T] => fits(entry[1])));
}

function isWindow(value: unknown): value is WindowMemory {
  if (typeof value !== 'object' || value === null) return false;
  const { since, points } = value as Partial<WindowMemory>;
  return typeof since === 'number' && Array.isArray(points) && points.length % 3 === 0;
}

function isFingerprint(value: unknown): value is Fingerprint {
  return typeof value === 'object' && value !== null && typeof (value as Fingerprint).mark === 'string';
}

/** Empty parts are left out, so that conditions without a past have an empty memory. */
function writeMemory(
  windows: Readonly<Record<string, WindowMemory>>,
  last: Readonly<Record<string, Fingerprint>>,
  tripped: readonly string[],
): ConditionMemory {
  return {
    ...(Object.keys(windows).length > 0 && { windows }),
    ...(Object.keys(last).length > 0 && { last }),
    ...(tripped.length > 0 && { tripped: Object.fromEntries(tripped.map((key) => [key, true])) }),
  };
}
