/** Returns the text of a system error without its code, its system call and its source line. */
export const systemMessage = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .split(': Attempting')[0]!
    .replace(/^E[A-Z0-9]+: (.+), [a-z]+$/, '$1')
