import type { Expression, WindowExpression } from '../../model/condition.ts';
import { walk } from '../walk.ts';
import { truthOf } from './evaluate.ts';
import type { Recall } from './memory.ts';

/**
 * The truth of an expression whose windows are still filling, where more samples could not change it: a maximum or a
 * count can only grow, a minimum only shrink. So `count(pid changed, 24h) < 5` fails at the fifth change and not half a
 * day later. Undefined when it is open.
 */
export function earlyTruth(expression: Expression, recall: Recall): boolean | undefined {
  // Two of them could be at their bounds at different times.
  if ([...walk(expression)].filter(({ node }) => node === 'window').length !== 1) return undefined;
  for (const part of walk(expression)) {
    // Between now and the end of the window the value may pass through the very value that is asked for.
    if (
      part.node === 'in' ||
      (part.node === 'compare' && (part.operator === '==' || part.operator === '!='))
    ) {
      if ([...walk(part)].some(({ node }) => node === 'window')) return undefined;
    }
    // Anything but a plain comparison could turn the direction round.
    if (part.node === 'arithmetic' || part.node === 'negative') return undefined;
  }
  const now = truthOf(expression, partialView(recall, false).scene);
  return now === truthOf(expression, partialView(recall, true).scene) ? now : undefined;
}

/** The same cycle, in which windows that are filling have the value of what there is so far (or the most it can be). */
export function partialView(recall: Recall, most = false): Recall {
  const { scene } = recall;
  return {
    ...recall,
    scene: { ...scene, window: (window) => scene.window(window) ?? boundOf(window, recall, most) },
  };
}

/** What the window has now, and what it could come to at most. */
function boundOf(window: WindowExpression, recall: Recall, most: boolean): number | undefined {
  if (window.function === 'max' || window.function === 'count') {
    const now = recall.partial(window);
    return now !== undefined && most ? Number.POSITIVE_INFINITY : now;
  }
  if (window.function === 'min') {
    const now = recall.partial(window);
    return now !== undefined && most ? Number.NEGATIVE_INFINITY : now;
  }
  return undefined;
}
