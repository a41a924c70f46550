/** `connector`: prints the connector by which Kafka tells Crossfade what was written past the API. */
import type { Command } from 'commander';
import { shippedSettings } from '../schema.ts';
import { BadCommand } from '../service.ts';
import type { Open } from '../terminal.ts';
import { kafkaConnector } from './connector.ts';

const MORE = `
It asks nobody for anything. Keyspace and topic are those of infra/crossfade.config.ts. Fill in couchbase.username and couchbase.password, a user with the role
Data DCP Reader of the bucket, and how Couchbase is reached over TLS; then give it to Kafka Connect (POST /connectors) with the Couchbase connector 4.2.4 or later. It sends keys
and versions, and no content of a document.`;

/** Names of nodes, with a port or none, with commas between them. */
const NODES = /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?(,[A-Za-z0-9.-]{1,253}(:\d{1,5})?)*$/;

/** @param read the settings; those that are shipped if there is none. */
export function addConnector(program: Command, _open: Open, read = shippedSettings): void {
  program
    .command('connector')
    .description(
      'print the Kafka connector that tells of writes past the API, ready to be given to Kafka Connect',
    )
    .argument('<collection>')
    .requiredOption(
      '--nodes <names>',
      'nodes of Couchbase, with commas between them, as the connector reaches them',
    )
    .addHelpText('after', MORE)
    .action(async (name: string, { nodes }: { readonly nodes: string }) => {
      const { collections } = (await read()).configuration;
      const collection = collections[name];
      if (collection === undefined)
        throw new BadCommand(
          `There is no collection ${name}: it is none of ${Object.keys(collections).join(', ')}`,
        );
      if (!NODES.test(nodes))
        throw new BadCommand(`--nodes ${nodes}: it must be names with commas between them, such as cb1,cb2`);
      const { kafka } = collection.feed ?? {};
      if (kafka === undefined)
        throw new BadCommand(
          `${name} has no topic: set collections.${name}.feed.kafka in infra/crossfade.config.ts, or use eventing instead`,
        );
      const made = kafkaConnector(name, collection.couchbase, kafka, nodes);
      process.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
    });
}
