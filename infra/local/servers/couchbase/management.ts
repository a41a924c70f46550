/** The management port. Clients must find one in the cluster map; nothing is served on it yet but a refusal that says so. */
import { createServer, type Server } from 'node:http';
import { listening } from './listen.ts';

const REFUSAL = JSON.stringify({
  error: 'not_found',
  reason: 'The embedded Couchbase server has no management service: its settings are given when it starts',
});

export function serveManagement(): Promise<Server> {
  const server = createServer((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' }).end(REFUSAL);
  });
  return listening(server, 0);
}
