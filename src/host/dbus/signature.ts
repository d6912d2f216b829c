/** One complete D-Bus type. `inner` holds the element of an array, the fields of a struct, key and value of an entry. */
export interface BusType {
  readonly code: string;
  readonly inner: readonly BusType[];
}

const plainCodes = 'ybnqiuxtdsoghv';
/** D-Bus Specification 0.42, "Valid Signatures": nesting of arrays and of structs is limited to 32 each. */
const deepest = 64;

/** A peer uses the same few dozen over and over; what goes beyond is parsed anew. */
const known = new Map<string, readonly BusType[]>();
const mostKnown = 500;

/** The types of a signature such as `sa{sv}(uo)`. Throws on one that is not valid: only a broken peer sends that. */
export function parseSignature(signature: string): readonly BusType[] {
  const before = known.get(signature);
  if (before !== undefined) return before;
  const types = parse(signature);
  if (known.size < mostKnown) known.set(signature, types);
  return types;
}

function parse(signature: string): readonly BusType[] {
  const types: BusType[] = [];
  let at = 0;
  const next = (depth: number): BusType => {
    const code = signature[at++];
    if (code === undefined || depth > deepest) throw new Error(`D-Bus signature '${signature}' is not valid`);
    if (code === 'a') return { code, inner: [next(depth + 1)] };
    if (code === '(' || code === '{') {
      const end = code === '(' ? ')' : '}';
      const inner: BusType[] = [];
      while (signature[at] !== end) inner.push(next(depth + 1));
      at++;
      return { code, inner };
    }
    if (!plainCodes.includes(code)) throw new Error(`D-Bus signature '${signature}' is not valid`);
    return { code, inner: [] };
  };
  while (at < signature.length) types.push(next(0));
  return types;
}

/** Alignment of a type within a message (D-Bus Specification, "Summary of D-Bus marshalling"). */
export function alignmentOf(code: string): number {
  switch (code) {
    case 'n':
    case 'q':
      return 2;
    case 'i':
    case 'u':
    case 'b':
    case 's':
    case 'o':
    case 'a':
    case 'h':
      return 4;
    case 'x':
    case 't':
    case 'd':
    case '(':
    case '{':
      return 8;
    default:
      return 1;
  }
}
