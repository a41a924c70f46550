/** A REST API's event of a Lambda proxy integration (payload format 1.0), as far as it is looked at. */
import * as v from 'valibot';
import type { Headers } from './headers.ts';
import type { RestAddress } from './rest_key.ts';

const TEXTS = v.record(v.string(), v.array(v.string()));

export const REST_EVENT = v.object({
  // An HTTP API says '1.0' where it speaks this format, and decodes the path.
  version: v.optional(v.undefined()),
  resource: v.string(),
  path: v.string(),
  httpMethod: v.string(),
  multiValueHeaders: v.nullish(TEXTS, {}),
  multiValueQueryStringParameters: v.nullish(TEXTS, {}),
  pathParameters: v.nullish(v.record(v.string(), v.optional(v.string())), {}),
  requestContext: v.object({
    requestId: v.string(),
    identity: v.optional(v.object({ userArn: v.nullish(v.string()) }), {}),
    authorizer: v.nullish(
      v.object({
        claims: v.optional(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))),
      }),
    ),
  }),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});

type RestEvent = v.InferOutput<typeof REST_EVENT>;

export function addressOf({ path, multiValueQueryStringParameters: query }: RestEvent): RestAddress {
  return { path, query };
}

/** Names in small letters; the values of a header that was sent more than once with commas between them, as an HTTP API has it. */
export function headersOf({ multiValueHeaders }: RestEvent): Headers {
  const all = new Map<string, string[]>();
  for (const [name, values] of Object.entries(multiValueHeaders)) {
    const lower = name.toLowerCase();
    all.set(lower, [...(all.get(lower) ?? []), ...values]);
  }
  return Object.fromEntries([...all].map(([name, values]) => [name, values.join(',')]));
}
