/** Finds the keys of documents in texts that are made for people: as `quoted` has written them behind the word "key", and in receipts. */

/** A JSON string behind the word "key", with its length where it was cut, or as the value of a member `key`. */
const KEY = /(\bkey |"key":)("(?:[^"\\]|\\.)*")(?: \(\d+ characters\))?/g;

/** The text with each of its keys as `shown` has it. */
export function withKeys(text: string, shown: (key: string) => string): string {
  return text.replace(KEY, (found, before: string, literal: string) => {
    const key = plain(literal);
    const told = shown(key);
    if (told === key) return found;
    return `${before}${before === 'key ' ? told : JSON.stringify(told)}`;
  });
}

/** What a JSON string says. One that was cut in the middle of an escape is its own text. */
function plain(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
}
