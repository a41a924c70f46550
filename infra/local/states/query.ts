/** JSONata in a state's fields: texts between `{%` and `%}`, wherever they are. */
import jsonata from 'jsonata';
import { StateFailed } from './language.ts';

/** What `$states` has. */
export interface Bindings {
  readonly input: unknown;
  readonly context: unknown;
  readonly result?: unknown;
  readonly errorOutput?: unknown;
}

export async function query(value: unknown, states: Bindings): Promise<unknown> {
  if (typeof value === 'string') return evaluate(value, states);
  if (Array.isArray(value)) return Promise.all(value.map((each) => query(each, states)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    async ([name, each]) => [name, await query(each, states)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function evaluate(text: string, states: Bindings): Promise<unknown> {
  const expression = /^\{%(.*)%\}$/s.exec(text)?.[1];
  if (expression === undefined) return text;
  try {
    const parsed = jsonata(expression);
    // Step Functions has no $eval. (step-functions/latest/dg/transforming-data.html, 2026-11-27)
    parsed.registerFunction('eval', () => {
      throw new Error('Attempted to invoke a non-function: $eval');
    });
    const result = await parsed.evaluate({}, { states });
    if (result === undefined) throw new Error('it has no result');
    // Its arrays have marks of their own, which no JSON has.
    return JSON.parse(JSON.stringify(result));
  } catch (error) {
    const why =
      error instanceof Error ? error.message : String((error as { message?: string }).message ?? error);
    throw new StateFailed('States.QueryEvaluationError', `${text}: ${why}`);
  }
}
