/** The keys of KMS that encrypt what the stack keeps. */
import * as v from 'valibot';

/** Of a key, and not of an alias: IAM grants the use of a key by its own ARN alone. A key of several regions is one too. */
const ARN =
  'arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:key\\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})';
const LIKE =
  'the ARN of a key, such as arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef; an alias is none';

/** The stack makes a key of its own. */
export const MADE = 'made';

/** Outputs of the stack that tell which key it has: one of the two. */
export const [MADE_KEY, NAMED_KEY] = ['KmsKeyMade', 'KmsKeyNamed'];

export const KEY_SETTINGS = {
  /**
   * What encrypts queues, logs, environments of functions and executions of state machines: `made` for a key that the stack makes, the ARN of a key of
   * yours, whose policy has what `npx crossfade key-policy` prints, or null for the keys of AWS.
   */
  kmsKey: v.optional(
    v.nullable(
      v.pipe(v.string(), v.regex(new RegExp(`^(${MADE}|${ARN})$`), `it must be '${MADE}', or ${LIKE}`)),
    ),
    null,
  ),
  /** More keys that functions may decrypt with: those of secrets, and the key before, for as long as messages and executions have it. */
  kmsKeysToRead: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(new RegExp(`^${ARN}$`), `it must be ${LIKE}`))),
      v.maxLength(10, 'there must be 10 or less'),
    ),
    [],
  ),
};
