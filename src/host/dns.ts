/** Questions to name servers, past /etc/hosts and without a cache (RFC 1035). */
export interface Dns {
  /** Records of a name as text, sorted; ends within `timeoutMs`. Failures have the code of c-ares (`ENOTFOUND`), `TIMEOUT` or `ABORTED`. */
  resolve(query: DnsQuery, timeoutMs: number, signal?: AbortSignal): Promise<DnsOutcome>;
}

export interface DnsQuery {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'TXT' | 'SRV' | 'PTR' | 'SOA' | 'CAA';
  /** `host` or `host:port`; by default those of /etc/resolv.conf. */
  readonly server?: string;
}

/** `tookMs`: milliseconds with fractions. */
export type DnsOutcome =
  | { readonly ok: true; readonly records: readonly string[]; readonly tookMs: number }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly tookMs: number };
