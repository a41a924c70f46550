/** What an answer of the API can carry. Both stores can hold larger documents than that. */

/** Bytes that Lambda takes of an answer: the whole of it as JSON in UTF-8, as Node's runtime sends it, with quotes escaped. */
export const LARGEST_ANSWER = 6_291_556;
/** JSON makes 6 bytes of 1 at most, and headers take less than 10,000: a body of so many bytes needs no measuring. */
export const SURELY_FITS = Math.floor(LARGEST_ANSWER / 6 - 10_000);
/** Bytes of an answer beside its body, about: a document that is that near to the limit counts as too large. */
const BESIDE = 1000;

/** Whether an answer can carry the body. @param isJson whether it is answered as text, and not as base64. */
export function isAnswerable(body: Uint8Array, isJson: boolean): boolean {
  if (body.length <= SURELY_FITS) return true;
  // No encoding makes it shorter.
  if (body.length > LARGEST_ANSWER) return false;
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString(isJson ? 'utf8' : 'base64');
  return Buffer.byteLength(JSON.stringify(text)) + BESIDE <= LARGEST_ANSWER;
}
