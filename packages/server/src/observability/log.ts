/** Receives log entries; a pino logger fits. Methods must not throw. */
export interface ServerLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Absent: every level is enabled. */
  isLevelEnabled?(level: string): boolean
}

/** Discards every entry. */
export const noLog: ServerLog = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  isLevelEnabled: () => false,
}

/** Returns the log fields of an error, its causes included. */
export function errorFields(cause: unknown): { readonly error: object } {
  if (!(cause instanceof Error)) return { error: { message: String(cause) } }
  const { name, message, stack, cause: inner } = cause
  const code: unknown = 'code' in cause ? cause.code : undefined
  return {
    error: {
      name,
      ...(code !== undefined && { code }),
      message,
      stack,
      ...(inner !== undefined && { cause: errorFields(inner).error }),
    },
  }
}
