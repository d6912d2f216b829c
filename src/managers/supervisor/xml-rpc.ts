/** What XML-RPC can carry (xmlrpc.com/spec.md). */
export type RpcValue =
  | string
  | number
  | boolean
  | null
  | readonly RpcValue[]
  | { readonly [name: string]: RpcValue };

/** The body of a call. */
export function encodeCall(method: string, values: readonly RpcValue[]): string {
  const params = values.map((value) => `<param><value>${encodeValue(value)}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
}

function encodeValue(value: RpcValue): string {
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === 'number') return `<int>${value}</int>`;
  return `<string>${escapeXml(String(value))}</string>`;
}

/** The value of a response, or its fault. Throws on what is no response at all. */
export function decodeResponse(
  xml: string,
):
  | { readonly ok: true; readonly value: RpcValue }
  | { readonly ok: false; readonly code: number; readonly reason: string } {
  const tokens = xml.match(/<[^>]*>|[^<]+/g) ?? [];
  let at = 0;
  const open = (name: string) => tokens[at] === `<${name}>`;
  const skipBlank = () => {
    while (at < tokens.length && /^(\s+|<\?.*)$/s.test(tokens[at] ?? '')) at++;
  };
  const take = (token: string) => {
    skipBlank();
    if (tokens[at] !== token) throw new Error(`expected ${token} in an XML-RPC response`);
    at++;
  };
  const text = () => {
    const token = tokens[at] ?? '';
    if (token.startsWith('<')) return '';
    at++;
    return unescapeXml(token);
  };

  function value(): RpcValue {
    take('<value>');
    const bare = text();
    const tag = tokens[at] ?? '';
    if (tag === '</value>') {
      at++;
      return bare;
    }
    at++;
    const result = typed(tag);
    take('</value>');
    return result;
  }

  function typed(tag: string): RpcValue {
    switch (tag) {
      case '<array>': {
        const items: RpcValue[] = [];
        skipBlank();
        if (tokens[at] === '<data/>') at++;
        else {
          take('<data>');
          for (skipBlank(); open('value'); skipBlank()) items.push(value());
          take('</data>');
        }
        take('</array>');
        return items;
      }
      case '<struct>': {
        const members: [string, RpcValue][] = [];
        for (skipBlank(); open('member'); skipBlank()) {
          take('<member>');
          take('<name>');
          const name = text();
          take('</name>');
          skipBlank();
          members.push([name, value()]);
          take('</member>');
        }
        take('</struct>');
        return Object.fromEntries(members);
      }
      case '<nil/>':
      case '<string/>':
        return tag === '<nil/>' ? null : '';
      default: {
        const content = text();
        take(tag.replace('<', '</'));
        if (tag === '<int>' || tag === '<i4>' || tag === '<double>') return Number(content);
        return tag === '<boolean>' ? content.trim() === '1' : content;
      }
    }
  }

  take('<methodResponse>');
  skipBlank();
  if (open('fault')) {
    at++;
    skipBlank();
    const fault = value() as { readonly faultCode?: number; readonly faultString?: string };
    return { ok: false, code: fault.faultCode ?? 0, reason: fault.faultString ?? 'fault' };
  }
  take('<params>');
  take('<param>');
  skipBlank();
  return { ok: true, value: value() };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|amp|quot|apos|#(\d+)|#x([0-9a-fA-F]+));/g, (entity, decimal, hex) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" }[entity as string] ?? '';
  });
}
