/** Calls for single items, made as calls for several. */

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Items that come in the same turn go together.
 * @param most items of one call. @param act rejects for all of its items.
 */
export function gathered<Item>(
  most: number,
  act: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let waiting: Waiting<Item>[] = [];
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += most) {
      const some = all.slice(at, at + most);
      act(some.map(({ item }) => item)).then(
        () => some.forEach(({ resolve }) => void resolve()),
        (error: unknown) => some.forEach(({ reject }) => void reject(error)),
      );
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ item, resolve, reject });
    });
}
