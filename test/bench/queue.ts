/** The queue of the measurements, in a process of its own, as SQS is one: its work is none of ours. */
import { Queues } from '../../infra/local/aws/queues.ts';
import { takeOrders } from '../../infra/local/servers/orders.ts';

const queues = await Queues.start(null);
await queues.create('receipts', {});
takeOrders(
  { port: queues.port, tlsPort: null, again: {} },
  () => {},
  () => queues.stop(),
);
