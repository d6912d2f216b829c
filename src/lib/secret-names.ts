/** What has one of these in its name is better taken for a secret. */
const WORD =
  'passw(?:or)?d|passphrase|secret|token|(?:api|access|private|auth)[-_]?key|credentials?|authorization|cookie';

/** What has one of these in its name may be one. `auth`, but no author; `pass`, but no passenger. */
const HINT = `${WORD}|pass(?!enger|ive|age|port|ing)|pwd|auth(?!or(?!i))|session|csrf|signature`;

/** Keys that open nothing. */
const openKey = /(?:public|primary|foreign|sort|partition|cache|idempotency|host|group)[-_.]key$/i;

const lastWord = new RegExp(`(?:^|[-_.])(?:${WORD}|pass)$|[-_.](?:pwd|key)$`, 'i');
const anyWord = new RegExp(`${WORD}|(?:^|[-_.])(?:pass|tok|pw|auth)(?:[-_.]|$)|[a-z]pass$|[-_.]pwd$`, 'i');
const anyHint = new RegExp(HINT, 'i');

/** Whether what has this name is a secret: the header `X-Api-Key`, the variable `DB_PASSWORD`, but not `TOKEN_FILE`. */
export function namesSecret(name: string): boolean {
  return lastWord.test(name) && !openKey.test(name);
}

/** Whether what has this name is better taken for a secret: a variable that a rule refers to, as `API_TOKEN_PROD`. */
export function speaksOfSecret(name: string): boolean {
  return anyWord.test(name) || namesSecret(name);
}

/** Whether what has this name is better left out where that costs nothing: a header of an answer. */
export function mayNameSecret(name: string): boolean {
  return anyHint.test(name) || namesSecret(name);
}

/** Names as in `mayNameSecret` within a text, as the source of a pattern. */
export const secretNameIn = `[\\w.-]*(?:${HINT})[\\w.-]*`;

/** Parameters of addresses as `token=...`: name and value are groups. */
export const secretParameter = new RegExp(
  `[?&]((?:[\\w.-]*[-_.])?(?:${WORD}|pass|pwd|key|sig|signature))=([^&#\\s]+)`,
  'gi',
);
