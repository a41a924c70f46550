/** One execution of a state machine. */
import pMap from 'p-map';
import { STATES } from '../limits.ts';
import { EVENTS, fitting, History, Terminal } from './history.ts';
import { type Machine, means, type State, StateFailed, secondsUntil } from './language.ts';
import { type Bindings, query } from './query.ts';

/** Seconds; null for none. */
export interface Limits {
  readonly heartbeat: number | null;
  readonly timeout: number | null;
}

/** What tasks lead to. */
export interface Services {
  /** Runs a task's resource, with its arguments resolved. @param token of a task that waits to be told. */
  run(resource: string, argument: unknown): Promise<unknown>;
  /** A token, and what it will be told. @param signal that nobody waits for it any more. */
  wait(limits: Limits, signal: AbortSignal): { token: string; told: Promise<unknown> };
  /** Rejects where the execution is stopped. */
  sleep(milliseconds: number): Promise<unknown>;
}

export interface Context {
  readonly Execution: { readonly Name: string; readonly Id: string; readonly Input: unknown };
  readonly StateMachine: { readonly Id: string };
}

const WAITS = '.waitForTaskToken';

export class Execution {
  readonly #services: Services;
  readonly #context: Context;
  readonly #signal: AbortSignal;
  readonly #history: History;

  constructor(services: Services, context: Context, signal: AbortSignal, history = new History()) {
    this.#services = services;
    this.#context = context;
    this.#signal = signal;
    this.#history = history;
  }

  /** From its first state to its last. Rejects with `StateFailed`. */
  async run(machine: Machine, input: unknown, more: object = {}): Promise<unknown> {
    let [name, value] = [machine.StartAt, input];
    for (;;) {
      this.#signal.throwIfAborted();
      const state = machine.States[name];
      if (state === undefined) throw new StateFailed('States.Runtime', `There is no state ${name}`);
      this.#history.add(EVENTS.state);
      const { output, next } = await this.#state(name, state, value, more);
      fitting(output, `The output of the state ${name}`);
      if (next === null) return output;
      [name, value] = [next, output];
    }
  }

  async #state(
    name: string,
    state: State,
    input: unknown,
    more: object,
  ): Promise<{ output: unknown; next: string | null }> {
    const states: Bindings = { input, context: { ...this.#context, State: { Name: name }, ...more } };
    const next = state.Next ?? null;
    switch (state.Type) {
      case 'Fail':
        throw new StateFailed(
          String(await query(state.Error, states)),
          String(await query(state.Cause, states)),
        );
      case 'Succeed':
        return { output: await this.#output(state, states, input), next: null };
      case 'Choice':
        return { output: input, next: await chosen(state, states) };
      case 'Pass':
        return { output: await this.#output(state, states, input), next };
      case 'Wait':
        await this.#services.sleep(Number(await query(state.Seconds, states)) * 1000);
        return { output: await this.#output(state, states, input), next };
      default:
        return this.#retried(name, state, states);
    }
  }

  /** A task or a map, as often as its retries allow. */
  async #retried(
    name: string,
    state: State,
    states: Bindings,
  ): Promise<{ output: unknown; next: string | null }> {
    const tries = new Map<object, number>();
    for (;;)
      try {
        const result =
          state.Type === 'Map' ? await this.#map(state, states) : await this.#task(name, state, states);
        return { output: await this.#output(state, { ...states, result }, result), next: state.Next ?? null };
      } catch (error) {
        if (!(error instanceof StateFailed) || error instanceof Terminal) throw error;
        const retry = state.Retry?.find(({ ErrorEquals }) => means(ErrorEquals, error.error));
        const before = retry === undefined ? 0 : (tries.get(retry) ?? 0);
        if (retry !== undefined && before < (retry.MaxAttempts ?? 3)) {
          tries.set(retry, before + 1);
          const seconds = secondsUntil(retry, before);
          await this.#services.sleep(seconds * 1000);
          continue;
        }
        const caught = state.Catch?.find(({ ErrorEquals }) => means(ErrorEquals, error.error));
        if (caught === undefined) throw error;
        return { output: { Error: error.error, Cause: error.message }, next: caught.Next };
      }
  }

  async #task(name: string, state: State, states: Bindings): Promise<unknown> {
    const resource = state.Resource ?? '';
    const argument = async (bindings: Bindings) =>
      fitting(await query(state.Arguments, bindings), `The input of the task ${name}`);
    const result = (value: unknown) => fitting(value, `The result of the task ${name}`);
    this.#history.add(resource.endsWith(WAITS) ? EVENTS.waiting : EVENTS.task);
    if (!resource.endsWith(WAITS)) return result(await this.#services.run(resource, await argument(states)));
    const limits = { heartbeat: state.HeartbeatSeconds ?? null, timeout: state.TimeoutSeconds ?? null };
    const { token, told } = this.#services.wait(limits, this.#signal);
    told.catch(() => {});
    const context = { ...(states.context as object), Task: { Token: token } };
    await this.#services.run(resource.slice(0, -WAITS.length), await argument({ ...states, context }));
    const stopped = new Promise<never>((_, reject) => {
      this.#signal.addEventListener('abort', () => reject(this.#signal.reason), { once: true });
    });
    return result(await Promise.race([told, stopped]));
  }

  async #map(state: State, states: Bindings): Promise<unknown[]> {
    this.#history.add(EVENTS.map);
    const items = (await query(state.Items ?? states.input, states)) as unknown[];
    const one = async (Value: unknown, Index: number) => {
      const more = { Map: { Item: { Index, Value } } };
      const context = { ...(states.context as object), ...more };
      this.#history.add(EVENTS.iteration);
      const input =
        state.ItemSelector === undefined ? Value : await query(state.ItemSelector, { ...states, context });
      return this.run(state.ItemProcessor as Machine, input, more);
    };
    return pMap(items, one, { concurrency: Math.min(state.MaxConcurrency || STATES.map, STATES.map) });
  }

  #output({ Output }: State, states: Bindings, otherwise: unknown): Promise<unknown> {
    return Output === undefined ? Promise.resolve(otherwise) : query(Output, states);
  }
}

async function chosen({ Choices = [], Default }: State, states: Bindings): Promise<string> {
  for (const { Condition, Next } of Choices) if ((await query(Condition, states)) === true) return Next;
  if (Default === undefined)
    throw new StateFailed('States.NoChoiceMatched', 'No choice matches, and there is no default');
  return Default;
}
