/** A small document of JSON from elsewhere, within a time and a size. */

/** Milliseconds, and bytes. */
const [LONGEST, LARGEST] = [2000, 1_000_000];

/** Rejects where there is none, or none in time. It follows no redirection: whoever is named is asked. */
export async function readJson(address: string): Promise<unknown> {
  const response = await fetch(address, {
    ...{ signal: AbortSignal.timeout(LONGEST), redirect: 'error', headers: { accept: 'application/json' } },
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`${address} answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > LARGEST) throw new Error(`${address} answers with more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
