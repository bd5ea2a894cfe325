/** Where lines of the log go: a pino logger will do. Nothing here may throw. */
export interface ServerLog {
  debug(fields: object, line: string): void
  info(fields: object, line: string): void
  warn(fields: object, line: string): void
  error(fields: object, line: string): void
  /** Absent: every level is. */
  isLevelEnabled?(level: string): boolean
}

/** Writes nothing. */
export const noLog: ServerLog = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  isLevelEnabled: () => false,
}

/** What an error tells a log. */
export function errorFields(cause: unknown): { readonly error: object } {
  if (!(cause instanceof Error)) return { error: { message: String(cause) } }
  const { name, message, stack, cause: before } = cause
  const code: unknown = 'code' in cause ? cause.code : undefined
  return {
    error: {
      name,
      ...(code !== undefined && { code }),
      message,
      stack,
      ...(before !== undefined && { cause: errorFields(before).error }),
    },
  }
}
