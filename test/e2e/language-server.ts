import { spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A message of the Language Server Protocol (JSON-RPC 2.0 with a Content-Length header). */
interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

export interface Completion {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}

/** An editor that has started the YAML language server, as far as a test needs one. */
export interface Editor {
  /** Opens a file with this text and waits for what the server says of it. */
  open(file: string, text: string): Promise<readonly Diagnostic[]>;
  /** Line and character count from 0. */
  complete(file: string, line: number, character: number): Promise<readonly Completion[]>;
  hover(file: string, line: number, character: number): Promise<string>;
  close(): Promise<void>;
}

const server = fileURLToPath(
  new URL('../../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
);

/** Starts the server over its standard input and output, with everything off that would ask the network. */
export async function openEditor(folder: string): Promise<Editor> {
  const child = spawn(process.execPath, [server, '--stdio'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answers = new Map<number | string, (message: Message) => void>();
  const published = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  let lastId = 0;

  const send = (message: object): void => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const ask = (method: string, params: unknown): Promise<unknown> => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      answers.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(new Error(`${method}: ${error.message}`)),
      );
      send({ id, method, params });
    });
  };
  const take = ({ id, method, params, ...answer }: Message): void => {
    if (method === undefined && id !== undefined) {
      answers.get(id)?.(answer);
      answers.delete(id);
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Diagnostic[] };
      published.get(uri)?.(diagnostics);
    } else if (id !== undefined) {
      // The server asks for settings, one answer for each item, or to register something.
      const items = (params as { items?: readonly { section?: string }[] } | undefined)?.items;
      const result = items?.map(({ section }) => (section === 'yaml' ? settings : {})) ?? null;
      send({ id, result });
    }
  };
  let pending = Buffer.alloc(0);
  child.stdout.on('data', (part: Buffer) => {
    pending = Buffer.concat([pending, part]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(pending.toString('latin1', 0, end))?.[1]);
      if (pending.length < end + 4 + length) return;
      const body = pending.toString('utf8', end + 4, end + 4 + length);
      pending = pending.subarray(end + 4 + length);
      take(JSON.parse(body) as Message);
    }
  });

  const rootUri = pathToFileURL(folder).href;
  await ask('initialize', {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: 'rules' }],
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        completion: { completionItem: { documentationFormat: ['markdown'], snippetSupport: true } },
        hover: { contentFormat: ['markdown'] },
      },
    },
  });
  send({ method: 'initialized', params: {} });
  send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: settings } } });

  const at = (file: string, line: number, character: number) => ({
    textDocument: { uri: pathToFileURL(file).href },
    position: { line, character },
  });
  return {
    open: (file, text) =>
      new Promise((resolve) => {
        const uri = pathToFileURL(file).href;
        published.set(uri, resolve);
        send({
          method: 'textDocument/didOpen',
          params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
        });
      }),
    complete: async (file, line, character) => {
      const answer = (await ask('textDocument/completion', at(file, line, character))) as {
        items: readonly Completion[];
      };
      return answer.items;
    },
    hover: async (file, line, character) => {
      const answer = (await ask('textDocument/hover', at(file, line, character))) as {
        contents: { value: string };
      } | null;
      return answer?.contents.value ?? '';
    },
    close: async () => {
      await ask('shutdown', null);
      send({ method: 'exit' });
      await ended;
    },
  };
}

const settings = {
  schemaStore: { enable: false, url: '' },
  kubernetesCRDStore: { enable: false, url: '' },
  validate: true,
  completion: true,
  hover: true,
  schemas: {},
};
