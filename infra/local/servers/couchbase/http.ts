/** The HTTP port: the query service, and of management what tells who the cluster is. All else is refused. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { listening } from '../../listen.ts';
import { optionsOf, type TlsSettings, userOf } from '../tls/settings.ts';
import type { Known } from './config.ts';
import { isManagement, management } from './management.ts';
import { answerQuery, type QueryAnswer } from './query.ts';
import { authenticate, type Users } from './sasl.ts';

const NO_MANAGEMENT: QueryAnswer = {
  status: 404,
  body: {
    error: 'not_found',
    reason: 'The embedded Couchbase server has no such management: its settings are given when it starts',
  },
};
const FORBIDDEN: QueryAnswer = {
  status: 403,
  body: { message: 'Forbidden. User needs the following permissions', permissions: [] },
};
const UNAUTHORIZED: QueryAnswer = {
  status: 401,
  body: { errors: [{ code: 13014, msg: 'User does not have credentials to run queries' }], status: 'fatal' },
};
/** No statement that we serve is longer. */
const LARGEST_REQUEST = 1024 * 1024;

export function serveHttp(users: Users, known: Known, port = 0, tls?: TlsSettings): Promise<Server> {
  const serve: RequestListener = async (request, response) => {
    const { status, body } = await answer(request, users, known);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  return listening(tls === undefined ? createServer(serve) : createTlsServer(optionsOf(tls), serve), port);
}

async function answer(request: IncomingMessage, users: Users, known: Known): Promise<QueryAnswer> {
  const { method, url = '' } = request;
  const isQuery = method === 'POST' && url === '/query/service';
  if (method === 'GET' && url === '/admin/ping') return { status: 200, body: {} };
  if (!isQuery && !(method === 'GET' && isManagement(url))) return NO_MANAGEMENT;
  if (!isKnown(request, users)) return UNAUTHORIZED;
  if (!isQuery) {
    const body = management(url, known);
    if (body === 'refused') return FORBIDDEN;
    return body === null ? NO_MANAGEMENT : { status: 200, body };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_REQUEST) return { status: 413, body: { error: 'too large' } };
    chunks.push(chunk);
  }
  return answerQuery(Buffer.concat(chunks).toString('utf8'), known);
}

/** By a certificate, or by name and password. */
function isKnown({ headers, socket }: IncomingMessage, users: Users): boolean {
  if (users.has(userOf(socket) ?? '')) return true;
  const [scheme, credentials = ''] = (headers.authorization ?? '').split(' ');
  const [user = '', ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  const claim = authenticate('PLAIN', `\0${user}\0${password.join(':')}`, users, '');
  return scheme === 'Basic' && claim.kind === 'accepted';
}
