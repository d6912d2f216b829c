/** The folder that a pattern is looked for below, and whether the pattern has wildcards at all. */
export function globBase(pattern: string): { readonly folder: string; readonly wild: boolean } {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  if (first === -1) return { folder: parts.slice(0, -1).join('/') || '/', wild: false };
  return { folder: parts.slice(0, first).join('/') || '/', wild: true };
}

/**
 * Whether a path matches a pattern: `*` and `?` within a name (not a leading dot), `**` any folders, `[a-z]`, `[!a]`,
 * `{a,b}`. Works name by name, so that a folder can be left out early; linear in the length of each name.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  return expandBraces(pattern).some((one) => matchParts(path.split('/'), one.split('/')));
}

function matchParts(path: readonly string[], pattern: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return path.length === 0;
  if (part === '**') {
    for (let skip = 0; skip <= path.length; skip += 1) {
      if (matchParts(path.slice(skip), rest)) return true;
      if (path[skip]?.startsWith('.') === true) return false;
    }
    return false;
  }
  const [name, ...below] = path;
  return name !== undefined && matchName(name, part) && matchParts(below, rest);
}

function matchName(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  return matchCharacters(name, pattern);
}

/** The usual two-finger walk: on a mismatch, let the last `*` take one more character. */
function matchCharacters(name: string, pattern: string): boolean {
  const tokens = pattern.match(/\[!?\]?[^\]]*\]|\*+|[\s\S]/g) ?? [];
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
