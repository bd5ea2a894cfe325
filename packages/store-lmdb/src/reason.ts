/** What the system said, without where in its file, which nobody can use. */
export const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split(': Attempting')[0]!
