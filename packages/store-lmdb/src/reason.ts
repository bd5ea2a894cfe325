/** What the system said, without its code, its call and where in its file, which nobody can use. */
export const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .split(': Attempting')[0]!
    .replace(/^E[A-Z0-9]+: (.+), [a-z]+$/, '$1')
