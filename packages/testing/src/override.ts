/** Returns an object that behaves as `right`, except for `members`. Methods of `right` keep their `this`. */
export const override = <T extends object>(right: T, members: Partial<T>): T =>
  new Proxy(right, {
    get(_, name) {
      const member: unknown = Reflect.get(name in members ? members : right, name)
      return typeof member === 'function' && !(name in members) ? member.bind(right) : member
    },
  })
