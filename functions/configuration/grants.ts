/** What the tokens of apps grant: how a claim tells which verbs an app may use on which collection. */
import * as v from 'valibot';

/**
 * `read`: GET and HEAD. `write`: PUT, PATCH and DELETE, and each write of a batch. `batch`: that a request may carry several writes.
 * A batch needs both `batch` and `write`.
 */
export const VERBS = ['read', 'write', 'batch'] as const;
export type Verb = (typeof VERBS)[number];

/** Stands for every collection, in a scope and in a claim. No collection has this name. */
export const EVERY_COLLECTION = '*';

/** Claims in which tokens carry scopes (RFC 8693; `scp` of Microsoft and Okta). API Gateway itself looks at these two alone. */
export const SCOPE_CLAIMS = ['scope', 'scp'];

const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'));

/** What no token grants is refused, unless `everything` is said. */
export const GRANTS = v.variant('kind', [
  /** Every token of the issuer and an audience grants every verb on every collection. */
  v.strictObject({ kind: v.literal('everything') }),
  /** Texts such as `orders.read` or `*.write`, after the prefix, in any of these claims. */
  v.strictObject({
    kind: v.literal('scopes'),
    claims: v.optional(v.pipe(v.array(text), v.minLength(1, 'there must be 1 or more')), SCOPE_CLAIMS),
    prefix: v.optional(v.pipe(v.string(), v.regex(/^[^\s[\]]*$/, 'it must have no space, [ or ]')), ''),
  }),
  /** One claim that maps collections to verbs: `{"orders": ["read", "write"], "*": ["read"]}`. */
  v.strictObject({ kind: v.literal('claim'), claim: text }),
]);

export type Grants = v.InferOutput<typeof GRANTS>;

/** The scope that grants a verb on a collection, as tokens spell it. */
export function scopeOf(prefix: string, collection: string, verb: Verb): string {
  return `${prefix}${collection}.${verb}`;
}
