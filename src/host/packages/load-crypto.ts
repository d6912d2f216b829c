/** Node's cryptography on first use: reading it takes 10 ms, which a command that only reads rules need not spend. */
export function loadCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
