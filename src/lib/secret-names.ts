/** What is called one of these is a secret. */
const WORD =
  'pass(?:w(?:or)?d|phrase)?|secret|token|(?:api|access|private)[-_]?key|credentials?|authorization|cookie';

/** What has one of these in its name may be one. `auth`, but no author. */
const HINT = `${WORD}|pwd|auth(?!or(?!i))|session|csrf|signature`;

const lastWord = new RegExp(`(?:^|[-_.])(?:${WORD})$`, 'i');
const anyWord = new RegExp(`${WORD}|(?:^|_)(?:tok|pw|auth)(?:_|$)`, 'i');
const anyHint = new RegExp(HINT, 'i');

/** Whether what has this name is a secret: the header `X-Api-Key`, the variable `DB_PASSWORD`, but not `TOKEN_FILE`. */
export function namesSecret(name: string): boolean {
  return lastWord.test(name);
}

/** Whether what has this name is better taken for a secret: a variable that a rule refers to, as `API_TOKEN_PROD`. */
export function speaksOfSecret(name: string): boolean {
  return anyWord.test(name);
}

/** Whether what has this name is better left out where that costs nothing: a header of an answer. */
export function mayNameSecret(name: string): boolean {
  return anyHint.test(name);
}

/** Names as in `mayNameSecret` within a text, as the source of a pattern. */
export const secretNameIn = `[\\w.-]*(?:${HINT})[\\w.-]*`;

/** Parameters of addresses as `token=...`: name and value are groups. */
export const secretParameter = new RegExp(
  `[?&]((?:[\\w.-]*[-_.])?(?:${WORD}|key|sig|signature))=([^&#\\s]+)`,
  'gi',
);
