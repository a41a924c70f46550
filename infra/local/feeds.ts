/** Change feeds on this machine: what an operator imports into Couchbase, with a token of the local issuer. */
import { CHANGES_SCOPE } from '../../functions/edge/http/routes.ts';
import { eventingFunction } from '../console/eventing/definition.ts';
import type { CheckedSettings } from '../settings.ts';
import type { Deployment } from './deploy.ts';
import type { Running } from './servers/couchbase/start.ts';

/** Deploys the function of each collection that has a feed. What it keeps would lie in the default collection of the bucket. */
export async function deployFeeds(
  { collections }: CheckedSettings['configuration'],
  { gateway }: Pick<Deployment, 'gateway'>,
  couchbase: Pick<Running, 'deploy'>,
): Promise<void> {
  for (const [name, collection] of Object.entries(collections)) {
    if (collection.feed === null) continue;
    const metadata = { bucket: collection.couchbase.bucket, scope: '_default', collection: '_default' };
    const made = eventingFunction(name, collection, gateway.url, metadata);
    const token = await gateway.token(`feed of ${name}`, { scope: CHANGES_SCOPE });
    for (const binding of made.depcfg.curl) binding.bearer_key = token;
    await couchbase.deploy(made);
  }
}
