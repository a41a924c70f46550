/** The token authorizer of a REST API: what it asks its function, and for how long it keeps the answer. */
import type { Invocable } from './lambda/alias.ts';
import { InvocationFailed } from './lambda/failure.ts';
import { type Caller, type Statement, saysOf } from './rest_policy.ts';
import { type Resource, type Template, UnknownInTemplate } from './template.ts';

interface Answered {
  readonly principalId: string;
  readonly policyDocument: { readonly Statement: readonly Statement[] };
  readonly context?: Readonly<Record<string, string | number | boolean>>;
}

/** What a function has to fail with for a 401, and no other message. */
const UNAUTHORIZED = 'Unauthorized';

export class Authorizer {
  readonly #target: Invocable;
  readonly #token: RegExp;
  /** Milliseconds. */
  readonly #life: number;
  readonly #kept = new Map<string, { readonly until: number; readonly answered: Answered }>();

  constructor(template: Template, { id, properties }: Resource, functions: ReadonlyMap<string, Invocable>) {
    const {
      Type,
      AuthorizerUri,
      IdentitySource,
      IdentityValidationExpression,
      AuthorizerResultTtlInSeconds,
    } = template.resolve(properties) as Record<string, string>;
    const [, arn = ''] = /\/functions\/(.+)\/invocations$/.exec(AuthorizerUri ?? '') ?? [];
    const target = functions.get(arn);
    if (Type !== 'TOKEN' || IdentitySource !== 'method.request.header.Authorization' || target === undefined)
      throw new UnknownInTemplate(`${id} is an authorizer that this machine does not know`);
    this.#target = target;
    this.#token = new RegExp(IdentityValidationExpression ?? '');
    this.#life = 1000 * Number(AuthorizerResultTtlInSeconds);
  }

  /** @param resource the ARN of the request. @returns who it is, or the type of the gateway's answer. */
  async look(authorization: string | undefined, resource: string): Promise<Caller | string> {
    if (authorization === undefined || !this.#token.test(authorization)) return 'UNAUTHORIZED';
    const answered = await this.#asked(authorization, resource);
    if (typeof answered === 'string') return answered;
    const { principalId, policyDocument, context = {} } = answered;
    const says = saysOf(policyDocument.Statement, resource);
    return { says, userArn: null, authorizer: { principalId, integrationLatency: 1, ...context } };
  }

  async #asked(authorizationToken: string, methodArn: string): Promise<Answered | string> {
    const now = performance.now();
    const kept = this.#kept.get(authorizationToken);
    if (kept !== undefined && kept.until > now) return kept.answered;
    try {
      const event = { type: 'TOKEN', authorizationToken, methodArn };
      const answered = (await this.#target.invoke(event)) as Answered;
      this.#kept.set(authorizationToken, { until: now + this.#life, answered });
      return answered;
    } catch (error) {
      const said = error instanceof InvocationFailed ? error.message : '';
      return said === UNAUTHORIZED ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE';
    }
  }
}
