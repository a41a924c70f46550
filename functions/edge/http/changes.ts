/** The route of change feeds: from an HTTP request to receipts. */
import * as v from 'valibot';
import { issueText } from '../../parsing/issue.ts';
import { quoted, shortened } from '../../parsing/quoted.ts';
import type { Phase } from '../../protocol/phase.ts';
import { MAX_VERSION } from '../../protocol/version.ts';
import { type Change, type ChangePorts, lagOf, type Taken, takeChanges } from '../../routing/changes.ts';
import { isStorableKey, LONGEST_KEY } from '../../stores/storable.ts';
import { jsonIn } from './asked.ts';
import type { Claims, HttpEvent } from './event.ts';
import { hasScope } from './granted.ts';
import { BadRequest, bad, problem } from './problem.ts';
import { CHANGES_SCOPE } from './routes.ts';
import type { Response } from './told.ts';

/** Changes of one request, and bytes of its body. */
export const [MOST_CHANGES, MOST_BYTES] = [100, 64 * 1024];
const LONGEST_ISSUE = 160;

// Messages of our own: those of valibot show what was received.
const CAS = v.pipe(
  v.string('it must be a text'),
  v.regex(/^[1-9]\d{0,19}$/, 'it must be a CAS in decimal digits'),
  v.transform((digits) => BigInt(digits)),
  v.check((cas) => cas <= MAX_VERSION, 'it must be below 2^64'),
);
const KEY = v.pipe(
  v.string('it must be a text'),
  v.check(isStorableKey, `it must have 1 to ${LONGEST_KEY} bytes of UTF-8`),
);
const SECONDS = v.pipe(
  v.number('it must be a number'),
  v.integer('it must be whole'),
  v.minValue(0, 'it must be 0 or more'),
);
const CHANGES = v.strictObject(
  {
    changes: v.pipe(
      v.array(
        v.strictObject(
          {
            key: KEY,
            cas: CAS,
            deleted: v.optional(v.literal(true, 'it must be true'), undefined),
            /** Seconds since the epoch, 0 for never. It is not used: both stores are looked at. */
            expires: v.optional(SECONDS),
          },
          'it must be an object',
        ),
        'it must be an array',
      ),
      v.minLength(1, 'there must be 1 or more'),
      v.maxLength(MOST_CHANGES, `there must be ${MOST_CHANGES} or fewer`),
    ),
  },
  'it must be an object',
);

/** Throws `BadRequest` where nothing of it can be taken. */
export function changesIn(event: HttpEvent): Change[] {
  if (event.body.byteLength > MOST_BYTES)
    throw bad('changes', `The body has more than ${MOST_BYTES} bytes. Send fewer changes at once.`);
  const source = Buffer.from(jsonIn(event, 'application/json').body).toString('utf8');
  const { success, output, issues } = v.safeParse(CHANGES, JSON.parse(source), { abortEarly: true });
  if (success)
    return output.changes.map(({ key, cas, deleted }) => ({ key, cas, deleted: deleted ?? false }));
  throw bad('changes', `The changes cannot be read: ${shortened(issueText(issues[0]), LONGEST_ISSUE)}.`);
}

/** Throws `BadRequest` for a token without the scope. */
export function requireScope(claims: Claims): void {
  if (hasScope(CHANGES_SCOPE, claims)) return;
  const detail = `The token lacks the scope ${CHANGES_SCOPE}. Nothing was done: use the token of the change feed.`;
  throw new BadRequest(problem('scope', detail));
}

/** What the route reaches. */
export interface ChangesRoute {
  readonly ports: ChangePorts;
  /** Whether the configuration gives the collection a feed that comes by this route. */
  hasFeed(collection: string): boolean;
  /** Is told what has become of each request. */
  took(collection: string, taken: Taken, lag: number): void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** @param collection that there is. Throws `BadRequest`. */
export async function answerChanges(
  event: HttpEvent,
  collection: string,
  phase: Phase,
  route: ChangesRoute | undefined,
): Promise<Response> {
  if (route?.hasFeed(collection) !== true)
    throw bad(
      'feed-off',
      `${quoted(collection)} has no change feed by the API. Set collections.${collection}.feed in the configuration, without kafka, and deploy; or undeploy the feed.`,
    );
  const changes = changesIn(event);
  const taken = await takeChanges(collection, phase, changes, route.ports);
  route.took(collection, taken, lagOf(changes, route.now()));
  if (taken.unsent > 0)
    throw new BadRequest(
      problem('unavailable', `The queue does not take ${taken.unsent} of the changes. Send them again.`, {
        retryAfter: 1,
      }),
    );
  const { known, collapsed, receipts, notTaken } = taken;
  return {
    statusCode: 202,
    headers: { 'content-type': 'application/json', 'crossfade-phase': phase, 'cache-control': 'no-store' },
    body: JSON.stringify({ phase, known, collapsed, receipts, ...(notTaken === 0 ? {} : { notTaken }) }),
    isBase64Encoded: false,
  };
}
