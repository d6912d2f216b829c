export interface Dns {
  /** Records of a name as text, sorted. `server`: `host` or `host:port`. */
  resolve(query: DnsQuery, timeoutMs: number, signal?: AbortSignal): Promise<DnsOutcome>;
}

export interface DnsQuery {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'TXT' | 'SRV' | 'PTR' | 'SOA' | 'CAA';
  readonly server?: string;
}

export type DnsOutcome =
  | { readonly ok: true; readonly records: readonly string[]; readonly tookMs: number }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly tookMs: number };
