/** What an answer to a sent push may say of its durability. */
export const durabilities: readonly string[] = ['memory', 'flushed', 'replicated', 'replicated-flushed', 'unknown']
