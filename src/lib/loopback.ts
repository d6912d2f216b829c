/** Whether a host name or address is this machine itself (RFC 6761, section 6.3; RFC 1122; RFC 4291). Brackets are allowed. */
export function isLoopback(host: string): boolean {
  return /^(\[?::1\]?|127(\.\d{1,3}){3}|(.+\.)?localhost\.?)$/i.test(host);
}

/** The host where it is another machine; nothing where it is this one. Without brackets, so that one host has one name. */
export function otherHost(host: string): string | undefined {
  return isLoopback(host) ? undefined : host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
