/** Who may call a private API: its own policy beside what an authorizer or IAM says of the caller. (apigateway/latest/developerguide/apigateway-authorization-flow.html, 2026-11-28) */
import { matches } from './policy.ts';

/** What a policy says of a request. */
export type Says = 'allow' | 'deny' | 'nothing';

export interface Caller {
  readonly says: Says;
  /** Of whoever has signed the request; null for a token. */
  readonly userArn: string | null;
  /** What the authorizer hands on; null where there is none. */
  readonly authorizer: Readonly<Record<string, unknown>> | null;
}

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, { readonly 'aws:SourceVpce': string | readonly string[] }>>;
}

/** A denial beats whatever allows. @param holds whether the condition of a statement does. */
export function saysOf(
  statements: readonly Statement[],
  resource: string,
  holds: (statement: Statement) => boolean = () => true,
): Says {
  const about = statements.filter(
    (each) => [each.Resource].flat().some((pattern) => matches(pattern, resource)) && holds(each),
  );
  if (about.some(({ Effect }) => Effect === 'Deny')) return 'deny';
  return about.length > 0 ? 'allow' : 'nothing';
}

export class RestPolicy {
  readonly #statements: readonly Statement[];

  constructor({ Statement }: { readonly Statement: readonly Statement[] }) {
    this.#statements = Statement;
  }

  /** @param resource the ARN of the request. @param endpoint through which it comes. */
  says(resource: string, endpoint: string): Says {
    // It names resources without the ARN of the API.
    const [, ...parts] = resource.split('/');
    return saysOf(this.#statements, `execute-api:/${parts.join('/')}`, (each) => holds(each, endpoint));
  }

  /** Within an account no policy must deny, and one that allows is enough. */
  permits(caller: Caller, resource: string, endpoint: string): boolean {
    const said = [caller.says, this.says(resource, endpoint)];
    return !said.includes('deny') && said.includes('allow');
  }
}

function holds({ Condition = {} }: Statement, endpoint: string): boolean {
  return Object.entries(Condition).every(([operator, { 'aws:SourceVpce': given }]) => {
    const isAmong = [given].flat().includes(endpoint);
    return operator === 'StringNotEquals' ? !isAmong : isAmong;
  });
}
