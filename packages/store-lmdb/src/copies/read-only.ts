import { resolve } from 'node:path'
import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { checkDataFile } from '../directory/check-data-file.ts'
import { inspectDataFile } from '../directory/data-file.ts'
import { Environment } from '../storage/environment.ts'
import { systemMessage } from '../storage/errors.ts'
import { readIdentity } from '../storage/identity.ts'

/** Runs `act` on the store in `directory` as it is now, also while a server writes to it. */
export async function withReadOnly<T>(directory: string, act: (environment: Environment) => Promise<T>): Promise<T> {
  const path = resolve(directory)
  const noStore = () => new MidsentenceError('unavailable', `There is no store in ${path}: name the directory of one.`)
  if (inspectDataFile(path) === 'absent') throw noStore()
  await checkDataFile(path)
  const environment = await Environment.open(path, true).catch(cause => {
    throw isMidsentenceError(cause) ? cause : cannotRead(path, cause)
  })
  try {
    environment.freeze()
    if (!readIdentity(environment, path)) throw noStore()
    return await act(environment)
  } finally {
    await environment.close()
  }
}

/** LMDB refuses a reader whose process id is that of the server in another PID namespace. */
const cannotRead = (path: string, cause: unknown) =>
  new MidsentenceError(
    'unavailable',
    `${path} cannot be read (${systemMessage(cause)}). If a server in another container uses it, run this command in that container. Otherwise check that you may read it.`,
    { cause },
  )
