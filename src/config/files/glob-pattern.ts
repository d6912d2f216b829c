/** The folder that a pattern is looked for below, and whether the pattern has wildcards at all. */
export function globBase(pattern: string): { readonly folder: string; readonly wild: boolean } {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  if (first === -1) return { folder: parts.slice(0, -1).join('/') || '/', wild: false };
  return { folder: parts.slice(0, first).join('/') || '/', wild: true };
}

/**
 * A test whether paths match a pattern, which is taken apart once: `*` and `?` within a name (not a leading dot), `**` any folders, `[a-z]`, `[!a]`,
 * `{a,b}`. Works name by name, so that a folder can be left out early; linear in the length of each name.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const patterns = expandBraces(pattern).map((one) => one.split('/').map(partOf));
  return (path) => {
    const names = path.split('/');
    return patterns.some((parts) => matchParts(names, 0, parts, 0));
  };
}

/** A name of a pattern: as text where it has no wildcards. */
interface Part {
  readonly text: string;
  readonly tokens: readonly string[];
  readonly wild: boolean;
}

function partOf(text: string): Part {
  const tokens = text.match(/\[!?\]?[^\]]*\]|\*+|[\s\S]/g) ?? [];
  return { text, tokens, wild: /[*?[]/.test(text) };
}

function matchParts(path: readonly string[], at: number, parts: readonly Part[], next: number): boolean {
  const part = parts[next];
  if (part === undefined) return at === path.length;
  if (part.text === '**') {
    for (let skip = at; skip <= path.length; skip += 1) {
      if (matchParts(path, skip, parts, next + 1)) return true;
      if (path[skip]?.startsWith('.') === true) return false;
    }
    return false;
  }
  const name = path[at];
  return name !== undefined && matchName(name, part) && matchParts(path, at + 1, parts, next + 1);
}

function matchName(name: string, { text, tokens, wild }: Part): boolean {
  if (!wild) return name === text;
  if (name.startsWith('.') && !text.startsWith('.')) return false;
  return matchCharacters(name, tokens);
}

/** The usual two-finger walk: on a mismatch, let the last `*` take one more character. */
function matchCharacters(name: string, tokens: readonly string[]): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current?.startsWith('*') === true) {
      star = token;
      starAt = at;
      token += 1;
    } else if (current !== undefined && matchOne(name.charAt(at), current)) {
      at += 1;
      token += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      token = star + 1;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest.startsWith('*'));
}

function matchOne(character: string, token: string): boolean {
  if (token === '?') return true;
  if (token.length < 3 || !token.startsWith('[')) return character === token;
  const negated = token.charAt(1) === '!';
  const set = token.slice(negated ? 2 : 1, -1);
  let found = false;
  for (let index = 0; index < set.length; index += 1) {
    const upper = set.charAt(index + 2);
    if (set.charAt(index + 1) === '-' && upper !== '') {
      found ||= character >= set.charAt(index) && character <= upper;
      index += 2;
    } else {
      found ||= character === set.charAt(index);
    }
  }
  return found !== negated;
}

/** At most 64 alternatives: `{a,b}` may be nested but is written by people. */
function expandBraces(pattern: string): readonly string[] {
  let open = [pattern];
  for (let round = 0; round < 6; round += 1) {
    const next = open.flatMap((one) => {
      const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(one);
      if (match?.[2] === undefined) return [one];
      return match[2].split(',').map((choice) => `${match[1]}${choice}${match[3]}`);
    });
    if (next.length === open.length || next.length > 64) break;
    open = next;
  }
  return open;
}
