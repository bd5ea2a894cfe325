import { resolve } from 'node:path'
import { MidsentenceError } from '@midsentence/core'
import { checkDataFile } from '../directory/check-data-file.ts'
import { inspectDataFile } from '../directory/data-file.ts'
import { Environment } from '../storage/environment.ts'
import { readIdentity } from '../storage/identity.ts'

/** Runs `act` on the store in `directory` as it is now, also while a server writes to it. */
export async function withReadOnly<T>(directory: string, act: (environment: Environment) => Promise<T>): Promise<T> {
  const path = resolve(directory)
  const noStore = () => new MidsentenceError('unavailable', `There is no store in ${path}: name the directory of one.`)
  if (inspectDataFile(path) === 'absent') throw noStore()
  await checkDataFile(path)
  const environment = await Environment.open(path, true)
  try {
    environment.freeze()
    if (!readIdentity(environment, path)) throw noStore()
    return await act(environment)
  } finally {
    await environment.close()
  }
}
