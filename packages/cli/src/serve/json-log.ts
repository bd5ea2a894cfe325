import type { ServerLog } from '@midsentence/server'

const levels = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof levels)[number]

/** Creates a server log that writes one line of JSON per entry to standard error, from `level` up. */
export function jsonLog(level: Level | 'silent'): ServerLog {
  const enabled = new Set<string>(level === 'silent' ? [] : levels.slice(levels.indexOf(level)))
  // A reader that closes the pipe ends the log, not the server.
  process.stderr.on('error', () => enabled.clear())
  const writer = (level: Level) => (fields: object, line: string) => {
    if (!enabled.has(level)) return
    process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg: line })}\n`)
  }
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    isLevelEnabled: name => enabled.has(name),
  }
}

/** Writes the warnings of Node.js, for example of deprecations, to `log`. By default Node.js prints them as plain text. */
export function logWarnings(log: ServerLog): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message, stack }) => log.warn({ name, stack }, message))
}
