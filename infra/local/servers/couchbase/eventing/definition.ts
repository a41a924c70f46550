/**
 * The definition of an Eventing function, as the REST API imports it (couchbase/eventing, parser/*_schema.json; docs.couchbase.com, "Eventing REST API"). What is
 * not simulated is refused.
 */
import * as v from 'valibot';
import { issueText } from '../../../../../functions/parsing/issue.ts';

const NAME = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_%-]{1,100}$/));
const ALIAS = v.pipe(v.string(), v.regex(/^[a-zA-Z_$][a-zA-Z0-9_$]{0,19}$/));

const CURL = v.strictObject({
  hostname: v.pipe(v.string(), v.regex(/^https?:\/\//), v.url()),
  value: ALIAS,
  auth_type: v.picklist(['no-auth', 'bearer'], 'basic and digest are not simulated'),
  bearer_key: v.optional(v.string(), ''),
  ...{ username: v.optional(v.string(), ''), password: v.optional(v.string(), '') },
  allow_cookies: v.boolean(),
  validate_ssl_certificate: v.boolean(),
});

const FUNCTION = v.strictObject({
  appname: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$/)),
  appcode: v.pipe(v.string(), v.nonEmpty()),
  version: v.pipe(v.string(), v.regex(/^external$|^evt-[5-8]\.[0-9]+\.[0-9]+-[0-9]{4}-(ee|ce)$/)),
  enforce_schema: v.optional(v.boolean(), false),
  function_scope: v.optional(v.strictObject({ bucket: v.string(), scope: v.string() })),
  depcfg: v.strictObject({
    buckets: v.optional(
      v.pipe(v.array(v.unknown()), v.maxLength(0, 'aliases of buckets are not simulated')),
      [],
    ),
    curl: v.optional(v.array(CURL), []),
    ...{ metadata_bucket: NAME, metadata_scope: NAME, metadata_collection: NAME },
    ...{ source_bucket: NAME, source_scope: NAME, source_collection: NAME },
  }),
  settings: v.strictObject({
    dcp_stream_boundary: v.literal('from_now', 'everything is not simulated'),
    ...{
      deployment_status: v.boolean(),
      processing_status: v.boolean(),
      description: v.optional(v.string()),
    },
    execution_timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 60),
    language_compatibility: v.picklist(['6.6.2', '7.2.0'], 'the other versions are not simulated'),
    log_level: v.optional(v.picklist(['INFO', 'ERROR', 'WARNING', 'DEBUG', 'TRACE'])),
    worker_count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 1),
  }),
});

export type Definition = v.InferOutput<typeof FUNCTION>;

/** @param given one function, or a list of one, as the web console exports it. Throws for anything else. */
export function definitionIn(given: unknown): Definition {
  const [one, ...others] = Array.isArray(given) ? (given as unknown[]) : [given];
  if (others.length > 0) throw new Error('ERR_INVALID_CONFIG: one function at a time');
  const { success, output, issues } = v.safeParse(FUNCTION, one);
  if (!success) throw new Error(`ERR_INVALID_CONFIG: ${issueText(issues[0])}`);
  const { source_bucket, source_scope, source_collection, ...meta } = output.depcfg;
  const source = [source_bucket, source_scope, source_collection].join('.');
  if (source === [meta.metadata_bucket, meta.metadata_scope, meta.metadata_collection].join('.'))
    throw new Error('ERR_INVALID_CONFIG: source and metadata are the same keyspace');
  return output;
}
