/** The API for some VPCs alone: a private REST API, which nobody reaches but through the endpoints that are named. */
import * as v from 'valibot';

/** Containers at most of the function that looks at tokens: milliseconds, once a minute for each token. It has no session in Oracle. */
export const AUTHORIZERS = 5;

const endpoint = v.pipe(
  v.string(),
  v.regex(
    /^vpce-([0-9a-f]{8}|[0-9a-f]{17})$/,
    'it must be an interface endpoint for execute-api, such as vpce-0123456789abcdef0',
  ),
);

/** Null for an HTTP API, which the internet reaches. */
export const PRIVATE_SETTINGS = v.nullable(
  v.strictObject({
    /** The interface endpoints for the service execute-api through which apps and operators come. The first one is in the address of the API. */
    endpoints: v.pipe(
      v.array(endpoint),
      v.minLength(1, 'there must be 1 or more: without one nobody could reach the API'),
      v.maxLength(20, 'there must be 20 or fewer, as many as the policy of the API has room for'),
      v.check((all) => new Set(all).size === all.length, 'there must be none twice'),
    ),
    /** ARN of a regional web ACL of WAF, in the region and account of the stack, that looks at requests before the gateway does. */
    webAcl: v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/,
          'it must be the ARN of a regional web ACL, such as arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/name/01234567-89ab-cdef-0123-456789abcdef',
        ),
      ),
    ),
  }),
);

/** Collections whose parameters have room in a stack beside the methods of a REST API; and how many there are where the settings do not say. */
const [IN_STACK, USUALLY] = [50, 60];

/** What is wrong with it beside other settings. Both need not be sound: what else is wrong is told elsewhere. */
export function privateProblems(deployment: unknown, collections: unknown): string[] {
  const { success, output } = v.safeParse(
    v.object({
      private: v.nullish(v.unknown()),
      domain: v.nullish(v.unknown()),
      collectionsInStack: v.optional(v.number(), USUALLY),
    }),
    deployment,
  );
  if (!success || (output.private ?? null) === null) return [];
  const { domain = null, collectionsInStack } = output;
  const there = Math.min(Object.keys(collections ?? {}).length, collectionsInStack);
  return [
    ...(domain === null
      ? []
      : [
          'deployment.private: PRIVATE_WITH_DOMAIN: deployment.domain is a name on the internet, and asks clients for certificates there; a private API has neither. ' +
            'Leave one of both out',
        ]),
    ...(there <= IN_STACK
      ? []
      : [
          `deployment.collectionsInStack: PRIVATE_ROOM: beside a private API a stack has room for the parameters of ${IN_STACK} collections, and would have ${there}: set it to ` +
            `${IN_STACK}. Where the stack is deployed already, its parameters cannot move: leave deployment.private out, or make another deployment for the rest`,
        ]),
  ];
}
