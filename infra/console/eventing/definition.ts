/**
 * The Eventing function that is a collection's change feed, as Couchbase imports it (docs.couchbase.com, "Eventing REST API"; couchbase/eventing,
 * parser/handler_schema.json). A handler sees one mutation, and keeps nothing, so each is a request.
 */
import type { Collection } from '../../../functions/configuration/configuration.ts';
import { feedName } from '../../../functions/diagnosis/feeds.ts';
import { CHANGES_ROUTE } from '../../../functions/edge/http/routes.ts';

export interface Keyspace {
  readonly bucket: string;
  readonly scope: string;
  readonly collection: string;
}

/**
 * `isOwn`: the attribute holds the CAS of the mutation that it was written with, its bytes reversed; any other write leaves it behind. Releases that give no
 * attributes to handlers send those changes too, and the API finds out.
 */
const CODE = `// The change feed of a Crossfade collection: keys that have changed, and never a document. npx crossfade eventing prints it.
function OnUpdate(doc, meta, xattrs) {
  if (isOwn(xattrs, String(meta.cas))) return;
  send({ key: meta.id, cas: String(meta.cas), expires: Number(meta.expiration) || 0 });
}

function OnDelete(meta, options) {
  send({ key: meta.id, cas: String(meta.cas), deleted: true });
}

function isOwn(xattrs, cas) {
  if (!xattrs || !xattrs.crossfade) return false;
  const written = String(xattrs.crossfade.cas);
  if (written.length !== 18) return false;
  let digits = '0x';
  for (let at = 16; at >= 2; at -= 2) digits += written.slice(at, at + 2);
  return BigInt(digits).toString() === cas;
}

function send(change) {
  let status = 0;
  for (let attempt = 0; attempt < 3; attempt++) {
    status = sent(change);
    if (status === 202) return;
    if (status >= 400 && status < 500 && status !== 429) break;
  }
  // It counts as a failure of the function, and is not sent again.
  throw new Error('CROSSFADE_CHANGE_NOT_SENT: the API has answered ' + status);
}

function sent(change) {
  try {
    const answer = curl('POST', crossfade, { body: { changes: [change] } });
    return answer.status;
  } catch (error) {
    return 0;
  }
}
`;

/** @param url of the API. @param metadata where the Eventing service keeps what it needs. */
export function eventingFunction(
  name: string,
  { couchbase: source }: Pick<Collection, 'couchbase'>,
  url: string,
  metadata: Keyspace,
) {
  return {
    appname: feedName(name),
    appcode: CODE,
    version: 'evt-7.6.0-0000-ee',
    enforce_schema: false,
    function_scope: { bucket: source.bucket, scope: source.scope },
    depcfg: {
      buckets: [],
      curl: [
        {
          ...{ value: 'crossfade', hostname: url + CHANGES_ROUTE.replace('{collection}', name) },
          ...{ auth_type: 'bearer', bearer_key: '', username: '', password: '' },
          ...{ allow_cookies: false, validate_ssl_certificate: true },
        },
      ],
      metadata_bucket: metadata.bucket,
      metadata_scope: metadata.scope,
      metadata_collection: metadata.collection,
      source_bucket: source.bucket,
      source_scope: source.scope,
      source_collection: source.collection,
    },
    settings: {
      ...{ dcp_stream_boundary: 'from_now', deployment_status: false, processing_status: false },
      ...{
        description: `Tells Crossfade which keys of ${name} have changed`,
        language_compatibility: '6.6.2',
      },
      ...{ execution_timeout: 60, log_level: 'INFO', worker_count: 4 },
    },
  };
}
