import type { Field } from '../field.ts';
import { makeField, type PresenceOf, plain, quoteIfNeeded, type Settings } from './make-field.ts';
import { mismatch, textOf } from './mismatch.ts';
import { readText } from './text.ts';

/** An absolute path, or one that starts with `~/` (the home folder of who runs the agent). Resolved against nothing else. */
export function path<const S extends Settings<string> = typeof plain>(
  settings: S = plain as unknown as S,
): Field<string, PresenceOf<S>> {
  return makeField<string, string, S>(settings, {
    type: 'path',
    schema: { type: 'string', pattern: '^(/|~|.*\\$\\{)' },
    fits: (node) => /^[/~]/.test(textOf(node) ?? ''),
    value: (fallback) => fallback,
    write: quoteIfNeeded,
    read: (node, context) => {
      const value = readText(node, context);
      if (value === undefined) return undefined;
      if (value.includes('\0')) {
        return mismatch(context, node, { code: 'bad-path', expected: 'a path without a NUL byte' });
      }
      if (value.startsWith('/')) return value;
      if (value === '~' || value.startsWith('~/')) {
        if (context.home !== undefined) return context.home + value.slice(1);
        return mismatch(context, node, {
          code: 'bad-path',
          expected: 'an absolute path (no home folder is known here)',
        });
      }
      const hint = 'begin it with / : what runs the agent has no working folder to rely on';
      return mismatch(context, node, { code: 'relative-path', expected: 'an absolute path', hint });
    },
  });
}

/** A file's permission bits as a quoted octal number: `"0644"`; the value is 0o644. */
export function fileMode<const S extends Settings<string> = typeof plain>(
  settings: S = plain as unknown as S,
): Field<number, PresenceOf<S>> {
  return makeField<number, string, S>(settings, {
    type: 'file mode',
    schema: { type: 'string', pattern: '^0?[0-7]{3,4}$|\\$\\{' },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => Number.parseInt(fallback, 8),
    write: (fallback) => `"${fallback}"`,
    print: (mode) => `"${mode.toString(8).padStart(4, '0')}"`,
    read: (node, context) => {
      const bare = node.kind === 'scalar' && typeof node.value === 'number';
      const digits = textOf(node)?.replace(/^0o/, '');
      const valid = digits !== undefined && /^0?[0-7]{3,4}$/.test(digits);
      if (valid && !bare) return Number.parseInt(digits, 8);
      // YAML reads 0644 as the decimal number 644: only quotes keep what was meant.
      const hint = valid ? `put it in quotes: "${digits.padStart(4, '0')}"` : undefined;
      return mismatch(context, node, {
        code: valid ? 'unquoted-mode' : 'wrong-type',
        expected: 'a file mode in quotes such as "0644"',
        hint,
      });
    },
  });
}
