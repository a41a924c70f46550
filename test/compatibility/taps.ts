/** Listens to a deployment: what its functions are given and answer, what they send, and what they print. */
import type { Queues } from '../../infra/local/aws/queues.ts';
import type { Deployment } from '../../infra/local/deploy.ts';

export interface Invocation {
  /** The file of the function: `api`, `plan`, … */
  readonly entry: string;
  readonly event: unknown;
  readonly result: unknown;
}

export interface Message {
  /** The logical id of the queue, without its hash. */
  readonly queue: string;
  readonly body: string;
  /** Names and values of its attributes. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface Entry {
  readonly MessageBody: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

export class Taps {
  readonly invocations: Invocation[] = [];
  readonly messages: Message[] = [];
  /** Lines that are JSON, by their functions. */
  readonly lines: { readonly source: string; readonly line: Record<string, unknown> }[] = [];

  readonly log = (source: string, text: string): void => {
    try {
      const line: unknown = JSON.parse(text);
      if (typeof line === 'object' && line !== null)
        this.lines.push({ source, line: line as Record<string, unknown> });
    } catch {
      // What Node prints by itself is no log of a function.
    }
  };

  listenTo(deployment: Deployment): void {
    for (const each of deployment.functions.values()) {
      const entry = each.settings.environment._HANDLER?.replace('.handler', '') ?? '';
      const invoke = each.invoke.bind(each);
      each.invoke = async (event) => {
        const result = await invoke(event);
        this.invocations.push({ entry, event, result });
        return result;
      };
    }
  }

  listenAt(queues: Queues): void {
    const forward = queues.forward.bind(queues);
    queues.forward = (target, body) => {
      if (target.includes('.SendMessage')) this.#sent(JSON.parse(body));
      return forward(target, body);
    };
  }

  #sent(request: Entry & { readonly QueueUrl: string; readonly Entries?: readonly Entry[] }): void {
    const queue = (request.QueueUrl.split('/').at(-1) ?? '').replace(/[0-9A-F]{8}$/, '');
    for (const { MessageBody, MessageAttributes = {} } of request.Entries ?? [request]) {
      const attributes = Object.entries(MessageAttributes).map(([name, value]) => [
        name,
        value.StringValue ?? '',
      ]);
      this.messages.push({ queue, body: MessageBody, attributes: Object.fromEntries(attributes) });
    }
  }
}
