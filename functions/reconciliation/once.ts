/** What one invocation has done about a message already: a burst of writes of one key leaves many with the same body. */
export class OncePerInvocation<Result> {
  readonly #known = new WeakMap<object, Map<string, Promise<Result>>>();

  /** The result of the first act with this body, which later ones wait for. @param invocation the same object for all of its messages. */
  of(invocation: object, body: string, act: () => Promise<Result>): Promise<Result> {
    const known = this.#known.get(invocation) ?? new Map<string, Promise<Result>>();
    this.#known.set(invocation, known);
    const result = known.get(body) ?? act();
    known.set(body, result);
    return result;
  }
}
