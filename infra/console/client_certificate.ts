/** The certificate that an API with mutual TLS asks its clients for. */
import { readFileSync } from 'node:fs';
import { Agent, request as connect } from 'node:https';
import { BadCommand, type Send } from './service.ts';

/** PEM texts. */
interface Identity {
  readonly cert: string;
  readonly key: string;
  /** Who has signed the certificate of the server, where that is no authority which Node knows. */
  readonly ca?: string;
}

const NAMES = ['CROSSFADE_CLIENT_CERT', 'CROSSFADE_CLIENT_KEY'] as const;

/** With the certificate of the environment, if it names one. Throws `BadCommand`. */
export function senderIn(environment: Readonly<Record<string, string | undefined>>): Send {
  const [cert = '', key = ''] = NAMES.map((name) => environment[name]);
  if (cert === '' && key === '') return fetch;
  if (cert === '' || key === '')
    throw new BadCommand(
      `CLIENT_CERTIFICATE: ${NAMES.join(' and ')} belong together: set both to files in PEM, or neither`,
    );
  return sendWith({ cert: textOf(NAMES[0], cert), key: textOf(NAMES[1], key) });
}

function textOf(name: string, path: string): string {
  const text = read(name, path);
  if (text.includes('-----BEGIN ')) return text;
  throw new BadCommand(
    `CLIENT_CERTIFICATE: ${path} is no PEM: ${name} must name a file with -----BEGIN in it`,
  );
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadCommand(`CLIENT_CERTIFICATE: ${path} cannot be read (${code}): mend ${name}`);
  }
}

/** Node's `fetch` shows no certificate, so requests with one go another way. Each has a connection of its own. */
export function sendWith(identity: Identity): Send {
  const agent = new Agent({ ...identity, minVersion: 'TLSv1.2' });
  return async (request) => {
    if (new URL(request.url).protocol !== 'https:') return fetch(request);
    const body = Buffer.from(await request.arrayBuffer());
    const { method, headers, signal } = request;
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => reject(signal.aborted ? signal.reason : error);
      const options = { agent, method, signal, headers: Object.fromEntries(headers) };
      const sent = connect(request.url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          const pairs = Object.entries(answered).map(
            ([name, value]) => [name, String(value)] as [string, string],
          );
          resolve(
            new Response(chunks.length === 0 ? null : Buffer.concat(chunks), { status, headers: pairs }),
          );
        });
      });
      sent.on('error', failed);
      sent.end(body);
    });
  };
}
