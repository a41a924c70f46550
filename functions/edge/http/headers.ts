/** Preconditions and expiry, as headers say them. */
import { quoted } from '../../parsing/quoted.ts';
import { MAX_VERSION, type Version } from '../../protocol/version.ts';
import type { Precondition, Tags } from '../../routing/precondition.ts';
import { bad } from './problem.ts';

/** Names in small letters, as HTTP APIs give them. */
export type Headers = Readonly<Record<string, string | undefined>>;

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):\d{2}:\d{2}(\.0+)?([Zz]|[+-]\d{2}:\d{2})$/;
/** The latest that Couchbase can keep: 32 bits of seconds, early in 2106. */
const LATEST = (2 ** 32 - 1) * 1000;

export function preconditionIn(headers: Headers): Precondition {
  return {
    match: tagsIn('If-Match', headers['if-match']),
    noneMatch: tagsIn('If-None-Match', headers['if-none-match']),
  };
}

/** Null where the header is not there. A tag that none of ours could be matches nothing, as RFC 9110 has it. */
function tagsIn(name: string, header: string | undefined): Tags | null {
  if (header === undefined) return null;
  if (header.trim() === '*') return 'any';
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag)))
    throw bad('etag', `${name} is ${quoted(header)}. Send * or ETags as they came, quotes included: "1234".`);
  return tags.flatMap((tag) => versionIn(tag) ?? []);
}

/** Weak tags never match: two documents that differ in nothing but spelling have different versions. */
function versionIn(tag: string): Version | null {
  const digits = /^"([1-9]\d{0,19})"$/.exec(tag)?.[1];
  return digits === undefined || BigInt(digits) > MAX_VERSION ? null : BigInt(digits);
}

/**
 * Milliseconds since the epoch, null for never (`Expires-At: never`), or undefined where no header says.
 * @param now milliseconds since the epoch.
 */
export function expiryIn(headers: Headers, now: number): number | null | undefined {
  const { 'expires-at': at, ttl } = headers;
  if (at !== undefined && ttl !== undefined)
    throw bad('expiry', 'Expires-At and TTL are both there. Send one of them.');
  if (ttl !== undefined) {
    const seconds = /^\d{1,10}$/.test(ttl) ? Number(ttl) : 0;
    if (seconds === 0) throw bad('expiry', `TTL is ${quoted(ttl)}. Send whole seconds, 1 or more.`);
    return inTime((Math.floor(now / 1000) + seconds) * 1000, 'TTL', now);
  }
  if (at === undefined) return undefined;
  if (at.toLowerCase() === 'never') return null;
  const moment = momentIn(at);
  if (Number.isNaN(moment))
    throw bad(
      'expiry',
      `Expires-At is ${quoted(at)}. Send never, or a time as in 2031-05-06T07:08:09Z, in whole seconds.`,
    );
  return inTime(moment, 'Expires-At', now);
}

/** NaN where it is no time. `Date.parse` takes the 31st of February for the 3rd of March. */
function momentIn(at: string): number {
  const [, date = ''] = RFC_3339.exec(at) ?? [];
  const day = Date.parse(`${date}T00:00:00Z`);
  const isDay = !Number.isNaN(day) && new Date(day).toISOString().startsWith(date);
  return isDay ? Date.parse(at) : Number.NaN;
}

function inTime(moment: number, name: string, now: number): number {
  if (moment > now && moment <= LATEST) return moment;
  throw bad(
    'expiry',
    `${name} must lie in the future, and before February 2106. To remove a document, send DELETE.`,
  );
}
