import { resolve } from 'node:path'
import { MidsentenceError } from '@midsentence/core'
import { lookAtDataFile } from './data-file.ts'
import { Environment } from './environment.ts'
import { mappable } from './mappable.ts'
import { aboutOf } from './schema.ts'

/** Runs `act` on the store in `directory` as it is now, beside a server that may use it. */
export async function reading<T>(directory: string, act: (environment: Environment) => Promise<T>): Promise<T> {
  const path = resolve(directory)
  const none = () => new MidsentenceError('unavailable', `There is no store in ${path}: name the directory of one.`)
  if (lookAtDataFile(path) === 'absent') throw none()
  await mappable(path)
  const environment = new Environment(path, true)
  try {
    environment.freeze()
    if (!aboutOf(environment, path)) throw none()
    return await act(environment)
  } finally {
    await environment.close()
  }
}
