/**
 * What runs in a container: loads the handler and works off invocations, as Lambda's own runtime does
 * (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Context {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}
type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** What stands on this machine for an address elsewhere. */
const { LOCAL_ADDRESSES = '{}' } = process.env;
const addresses = Object.entries(JSON.parse(LOCAL_ADDRESSES) as Record<string, string>);
if (addresses.length > 0) {
  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const [found] = addresses.filter(([address]) => String(input).startsWith(address));
    const [address, here] = found ?? ['', ''];
    return send(found === undefined ? input : String(input).replace(address, here), init);
  };
}

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const post = (path: string, body: unknown) =>
  fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body ?? null) });

function described(error: unknown): { errorType: string; errorMessage: string; stackTrace: string[] } {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { errorType: name, errorMessage: message, stackTrace: stack.split('\n') };
}

/** As Lambda's own runtime writes what a handler has thrown into the log: with all members of an error, and of the errors that are among them. */
function logged(error: unknown): string {
  const members = (_: string, value: unknown) =>
    value instanceof Error
      ? { errorType: value.name, errorMessage: value.message, ...value, stack: value.stack?.split('\n') }
      : value;
  try {
    return `Invoke Error ${JSON.stringify(error, members)}`;
  } catch {
    return 'Invoke Error';
  }
}

async function load(): Promise<Handler> {
  const [file, name] = (process.env._HANDLER ?? '').split('.') as [string, string];
  const path = join(process.env.LAMBDA_TASK_ROOT ?? '', `${file}.mjs`);
  const module = (await import(pathToFileURL(path).href)) as Record<string, Handler>;
  const handler = module[name];
  if (typeof handler !== 'function') throw new Error(`${path} exports no function ${name}`);
  return handler;
}

function contextOf(headers: Headers): Context {
  const deadline = Number(headers.get('lambda-runtime-deadline-ms'));
  return {
    awsRequestId: headers.get('lambda-runtime-aws-request-id') ?? '',
    invokedFunctionArn: headers.get('lambda-runtime-invoked-function-arn') ?? '',
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? '',
    functionVersion: '$LATEST',
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    logGroupName: '',
    logStreamName: '',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function run(handler: Handler): Promise<never> {
  for (;;) {
    const next = await fetch(`${api}/invocation/next`);
    const context = contextOf(next.headers);
    // The SDK sends it on with every request.
    process.env._X_AMZN_TRACE_ID = next.headers.get('lambda-runtime-trace-id') ?? '';
    try {
      const result = await handler(await next.json(), context);
      const { status } = await post(`invocation/${context.awsRequestId}/response`, result);
      if (status === 413) console.error('The result of the function is larger than Lambda takes');
    } catch (error) {
      console.error(logged(error));
      await post(`invocation/${context.awsRequestId}/error`, described(error));
    }
  }
}

// Lambda ends its containers. Here they end with the process that has started them, also in the middle of an invocation.
process.stdin.on('close', () => process.exit(1)).resume();

load().then(run, async (error: unknown) => {
  console.error(error);
  await post('init/error', described(error));
  process.exit(1);
});
