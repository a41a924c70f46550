/**
 * Characters that steer whatever shows a text: control characters, with which a terminal can be made to hide or to rewrite lines, ends of lines, after which a text could pass for
 * another entry, and those that turn the direction of what follows. Clients choose the keys of documents, and operators their reasons.
 */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const RUN = new RegExp(`${STEERING.source}+`, 'gu');

/** The text on one line, with a space for each run of such characters. */
export function onOneLine(text: string): string {
  return text.replace(RUN, ' ');
}

/** The text with each such character as JSON escapes it; ends of lines and tabs stay, since lines are what is shown. */
export function unsteering(text: string): string {
  return text.replace(STEERING, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
