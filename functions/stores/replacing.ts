/** A store of which some methods are answered by others. */

/** The same store, and these methods instead of its own. The others are called on the store itself, whose private fields they need. */
export function replacing<Store extends object>(store: Store, methods: Readonly<Partial<Store>>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
