const usage = Symbol('usage')

/** Creates an error for an invalid command line. It is printed with a hint at the help, and exits with 2. */
export const usageError = (message: string): Error => Object.assign(new Error(message), { [usage]: true })

export const isUsageError = (error: unknown): error is Error => error instanceof Error && usage in error
