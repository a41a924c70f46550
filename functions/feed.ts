/** Lambda: what the Couchbase Kafka connector tells of changes, from the topics of collections. It reaches Oracle and the queue of receipts, and never Couchbase. */
import { changesRoute } from './edge/changes_route.ts';
import { CLOCK, container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { kafkaFeed } from './edge/kafka_feed.ts';

const parts = container(variables(process.env, VARIABLES));

export const handler = kafkaFeed(parts, changesRoute({ ...parts, steady: CLOCK.steady }));
