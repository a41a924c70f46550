/** Documents that Couchbase takes from whoever writes past the API, and that Oracle or a worker cannot cope with. */

import { ENDING } from './planted_exit.ts';

/** The most that Couchbase takes, in bytes. */
const LARGEST = 20 * 1024 * 1024;
const [DEPTH, DIGITS] = [100_000, 1_000_000];

export interface Poison {
  readonly body: () => Buffer;
  /** Whoever looks the document up with the Couchbase driver (4.7.0) is ended by it, this process too: it asserts that it is shorter. */
  readonly isUntouchable: boolean;
}

const FILLED = ['{"filler":"', '"}'] as const;

function filled(bytes: number): Buffer {
  const [begin, end] = FILLED;
  return Buffer.from(`${begin}${'x'.repeat(bytes - begin.length - end.length)}${end}`);
}

const text = (body: () => string): Poison => ({ body: () => Buffer.from(body()), isUntouchable: false });

export const POISONS: Readonly<Record<string, Poison>> = {
  'poison: a text that is longer than its column': text(
    () => '{"name":"Nowhere","country":"longer than its column"}',
  ),
  'poison: a document that is nested 100,000 deep': text(
    () => `{"name":"Nowhere","deep":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`,
  ),
  'poison: a number of a million digits': text(() => `{"name":"Nowhere","number":${'7'.repeat(DIGITS)}}`),
  'poison: a document that is no JSON': text(() => '{"name":"Nowhere",'),
  'poison: a document of 20 MiB less one byte': { body: () => filled(LARGEST - 1), isUntouchable: false },
  'poison: a document of 20 MiB': { body: () => filled(LARGEST), isUntouchable: true },
  'poison: a document that ends the process of its worker': text(
    () => `{"name":"Nowhere","note":"${ENDING}"}`,
  ),
};

/** What both stores can hold. */
export const MENDED = '{"name":"Nowhere","country":"NA"}';
