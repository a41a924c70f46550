/** How a store is made to lie: what it shows, takes or names is changed on the way. */
import type { Ports } from '../../functions/certification/check.ts';
import type { Content, Document } from '../../functions/protocol/state.ts';

export interface Lie {
  readonly what: string;
  /** Checks that have to fail; a name without a store is of both. */
  readonly noticed: readonly string[];
  readonly told: (ports: Ports) => Ports;
}

type Changed = {
  readonly [Store in 'couchbase' | 'oracle']?: Partial<Ports[Store]>;
};

export const changed = (ports: Ports, { couchbase, oracle }: Changed): Ports => {
  const all = (stores: Ports['large']) => ({
    couchbase: { ...stores.couchbase, ...couchbase },
    oracle: { ...stores.oracle, ...oracle },
  });
  return { ...ports, ...all(ports), large: all(ports.large) };
};

/** Both stores show something else than they hold. */
export const showing =
  (shown: <State extends { readonly content: Content; readonly version: bigint }>(state: State) => State) =>
  (ports: Ports) =>
    changed(ports, {
      couchbase: { read: async (key) => shown(await ports.couchbase.read(key, {})) },
      oracle: { read: async (key) => shown(await ports.oracle.read(key, {})) },
    });

/** Both stores take something else than they are given. */
export const taking = (taken: (content: Document) => Content) => (ports: Ports) => {
  const other = (content: Content) => (content === null ? null : taken(content));
  const { couchbase, oracle } = ports;
  return changed(ports, {
    couchbase: {
      upsert: (key, { content }) => couchbase.upsert(key, { content: taken(content) ?? content }),
      swap: (key, args) => couchbase.swap(key, { ...args, content: other(args.content) }),
    },
    oracle: {
      apply: (key, args) => oracle.apply(key, { ...args, content: other(args.content) }),
      write: (key, args) => oracle.write(key, { ...args, content: other(args.content) }),
    },
  });
};

/** Keys are others than those that are named. */
export const naming = (named: (key: string) => string) => (ports: Ports) => {
  const all = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return (key: string, ...rest: unknown[]) => member.call(of, named(key), ...rest);
      },
    });
  return { ...ports, couchbase: all(ports.couchbase), oracle: all(ports.oracle) };
};
