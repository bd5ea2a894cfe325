const usage = Symbol('usage')

/** The command line itself is wrong: told with a hint at the help, exit code 2. */
export const usageError = (message: string): Error => Object.assign(new Error(message), { [usage]: true })

export const isUsageError = (error: unknown): error is Error => error instanceof Error && usage in error
