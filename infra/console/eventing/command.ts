/** `eventing`: prints the function by which Couchbase tells Crossfade what was written past the API. */
import type { Command } from 'commander';
import { CHANGES_SCOPE } from '../../../functions/edge/http/routes.ts';
import { shippedSettings } from '../schema.ts';
import { BadCommand } from '../service.ts';
import type { Open } from '../terminal.ts';
import { eventingFunction, type Keyspace } from './definition.ts';

const MORE = `
It asks nobody for anything. Keyspaces are those of infra/crossfade.config.ts; the API is that of --url, or CROSSFADE_URL. Import what it prints (Couchbase web
console, Eventing, Import; or POST /api/v1/functions/NAME of the Eventing service), set the bearer key of its binding crossfade to a token with the
scope ${CHANGES_SCOPE}, and deploy it with the feed boundary "from now". Set feed of the collection before.`;

interface Asked {
  readonly metadata: string;
}

/** @param read the settings; those that are shipped if there is none. */
export function addEventing(program: Command, _open: Open, read = shippedSettings): void {
  program
    .command('eventing')
    .description('print the Eventing function that tells of writes past the API, ready to import')
    .argument('<collection>')
    .requiredOption(
      '--metadata <keyspace>',
      'BUCKET.SCOPE.COLLECTION where the Eventing service keeps its own documents: never a collection with data',
    )
    .addHelpText('after', MORE)
    .action(async (name: string, { metadata }: Asked) => {
      const { collections } = (await read()).configuration;
      const collection = collections[name];
      if (collection === undefined)
        throw new BadCommand(
          `There is no collection ${name}: it is none of ${Object.keys(collections).join(', ')}`,
        );
      const { url = process.env.CROSSFADE_URL } = program.opts<{ url?: string }>();
      const made = eventingFunction(name, collection, apiIn(url), keyspaceIn(metadata, collection.couchbase));
      if (collection.feed === null || collection.feed.kafka !== undefined)
        process.stderr.write(
          `FEED_OFF: the API refuses what it sends until the configuration has collections.${name}.feed${collection.feed === null ? '' : ' without kafka'}, and is deployed\n`,
        );
      process.stdout.write(`${JSON.stringify([made], null, 2)}\n`);
    });
}

function apiIn(url: string | undefined): string {
  if (url !== undefined && URL.canParse(url) && /^https?:/i.test(url)) return url.replace(/\/+$/, '');
  throw new BadCommand(
    'Where is the API? Give --url, or set CROSSFADE_URL: the output Url of the stack, which Couchbase must reach',
  );
}

function keyspaceIn(given: string, source: Keyspace): Keyspace {
  // Names of buckets may have dots.
  const [, bucket, scope, collection] = /^(.+)\.([^.]+)\.([^.]+)$/.exec(given) ?? [];
  if (bucket === undefined || scope === undefined || collection === undefined)
    throw new BadCommand(`--metadata ${given}: it must be BUCKET.SCOPE.COLLECTION`);
  if (given === `${source.bucket}.${source.scope}.${source.collection}`)
    throw new BadCommand(
      `--metadata ${given}: that is the collection itself. Create another one, such as eventing.metadata`,
    );
  return { bucket, scope, collection };
}
