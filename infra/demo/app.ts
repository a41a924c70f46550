/** The write API as an app calls it, over HTTP and nothing else. */

export interface Reply {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly body: string;
  readonly etag: string;
  readonly phase: string;
  /** Milliseconds. */
  readonly took: number;
  /** Of a problem: which one it is. */
  readonly problem: string | null;
}

export interface Place {
  readonly collection: string;
  readonly key: string;
}

export class App {
  readonly #url: string;
  readonly #authorization: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#authorization = `Bearer ${token}`;
  }

  get(place: Place): Promise<Reply> {
    return this.#ask('GET', place);
  }

  put(place: Place, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.#ask('PUT', place, body, headers);
  }

  delete(place: Place): Promise<Reply> {
    return this.#ask('DELETE', place);
  }

  async #ask(
    method: string,
    { collection, key }: Place,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const url = `${this.#url}/v1/collections/${collection}/documents?key=${encodeURIComponent(key)}`;
    const began = performance.now();
    const sent = {
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    };
    const answered = await answer(url, sent).catch((error: Error) => error);
    if (answered instanceof Error)
      return {
        status: 0,
        body: '',
        etag: '',
        phase: 'unknown',
        took: performance.now() - began,
        problem: answered.message,
      };
    const { response, text } = answered;
    const type = response.headers.get('content-type');
    return {
      ...{ status: response.status, body: text, took: performance.now() - began },
      etag: response.headers.get('etag') ?? '',
      phase: response.headers.get('crossfade-phase') ?? 'unknown',
      problem: type === 'application/problem+json' ? slugIn(text) : null,
    };
  }
}

/** Also the rest of an answer may fail to come. */
async function answer(url: string, sent: RequestInit) {
  const response = await fetch(url, sent);
  return { response, text: await response.text() };
}

function slugIn(text: string): string {
  const { type = '' } = JSON.parse(text === '' ? '{}' : text) as { type?: string };
  return type.split(':').at(-1) ?? '';
}
