/** Who has sent a request, as operators are told of it. */
import { createHash } from 'node:crypto';
import { shortened } from '../../parsing/quoted.ts';
import type { Claims } from './event.ts';

/** Characters of a subject that are shown: the whole of most of them. */
const LONGEST = 60;
/** Characters of base64url: 72 bits. */
const DIGEST = 12;
/** What shells read in quotes, too, is none of them: operators paste a caller into a command, and a client may have chosen its subject. */
const UNSAFE = /[^\w.@:/+=|,*%-]/g;

/**
 * `SUBJECT~DIGEST`, 74 characters at most: the token's subject (or its client, where it has none), cut and in letters, digits and harmless signs of ASCII, and a digest of
 * `iss`, `sub`, `client_id` and `azp`, which tells two apart that look the same.
 */
export function callerOf({ iss, sub, client_id, azp }: Claims): string {
  const texts = [iss, sub, client_id, azp].map((claim) => (typeof claim === 'string' ? claim : null));
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest('base64url').slice(0, DIGEST);
  const subject = texts.slice(1).find((text) => text !== null) ?? '';
  return `${shortened(subject, LONGEST).replace(UNSAFE, '?')}~${digest}`;
}

/** The digest alone, for logs: a subject may be somebody's address. */
export function digestIn(caller: string): string {
  return caller.slice(caller.lastIndexOf('~') + 1);
}
