/** What a certification can tell, and what it cannot: in the report, for whoever decides by it. */

/** What no test of the product's own can show, since nothing of it has met these servers. */
export const ONLY_HERE: readonly string[] = [
  'Whether your releases of Couchbase and Oracle, with their patches and parameters, do what the statements of Crossfade count on.',
  'Whether your bucket, with its replicas and its storage, makes writes as durable as your setting asks for.',
  'Whether your database keeps keys, numbers, and texts as they are: its character set, its collation, and its JSON checks are yours.',
  'Whether the functions reach both stores over your network, and are told in time where a call gets no answer.',
  'How long the calls take from where the functions are.',
];

/** What nobody may conclude from it. */
export const NO_RUN: readonly string[] = [
  'What a failover, a restart, or a quota that is used up does, unless this is the form test-system: it alone has somebody break that. Certify so once, on servers that nobody needs: npx crossfade certify start --test-system NAME.',
  'What a rebalance, a full disk, or a network that splits the cluster does: no form makes one happen.',
  'How your load does: the rehearsal has a few clients, and documents of its own.',
  'Whether your own documents fit: npx crossfade preflight looks at each of them.',
  'Whether anybody writes past the API. Verification finds it, once it has happened.',
  'What comes after it: a patch of a server voids the certificate, and a changed parameter does not. Certify again after a change of your servers.',
  'That there is no race left: the rehearsal lasts about a minute. The model has tried millions of orders, over a model of both stores.',
];
