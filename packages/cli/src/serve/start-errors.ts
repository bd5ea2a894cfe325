import { isMidsentenceError, linkSignals, MidsentenceError } from '@midsentence/core'
import type { StoredRooms } from '../data/stored-rooms.ts'

/** Returns a handler that adds a hint to the two common start errors: a taken port, and no access control. */
export const addStartHint =
  (host: string, port: number) =>
  (error: unknown): never => {
    if (!isMidsentenceError(error)) throw error
    if (error.code === 'invalid-params') {
      const why = `${host} can be reached from other machines, and anyone there could join.`
      const how = 'Give a password (--password-file FILE) or hooks (--policy FILE), or allow it with --open-to-all.'
      throw new MidsentenceError(error.code, `${why} ${how}`, { cause: error })
    }
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE') throw error
    const free = port === 65_535 ? 0 : port + 1
    const how = `choose another one, as --port ${free} (with npm: npm start -- --port ${free})`
    throw new MidsentenceError(error.code, `Port ${port} of ${host} is taken: end the other server, or ${how}.`, {
      cause: error,
    })
  }

/** Runs `run` until it ends. When the store fails first, aborts `run` and rejects with the store's error. */
export async function runUntilStoreFails(
  stored: StoredRooms | undefined,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopped = linkSignals([signal])
  let error: MidsentenceError | undefined
  void stored?.failure.then(failure => {
    error = failure
    stopped.abort()
  })
  await run(stopped.signal)
    .catch(reason => {
      throw error ?? reason
    })
    .finally(stopped.unlink)
  if (!error) return
  // LMDB may have printed half a line.
  process.stderr.write('\n')
  throw new MidsentenceError(error.code, rootMessage(error), { cause: error })
}

/** Returns the sentence of the store's own error, which says why a write failed. */
const rootMessage = ({ cause, message }: MidsentenceError): string =>
  isMidsentenceError(cause) ? cause.message : message
