import { resolve } from 'node:path'
import { MidsentenceError } from '@midsentence/core'
import { lookAtDataFile } from './data-file.ts'
import { Environment } from './environment.ts'
import { mappable } from './mappable.ts'
import { type About, aboutOf } from './schema.ts'
import { aheadIn, showAhead } from './write-ahead.ts'

/** Runs `act` on the store in `directory` as it is now, beside a server that may use it. */
export async function reading<T>(directory: string, act: (environment: Environment) => Promise<T>): Promise<T> {
  const path = resolve(directory)
  const none = () => new MidsentenceError('unavailable', `There is no store in ${path}: name the directory of one.`)
  if (lookAtDataFile(path) === 'absent') throw none()
  await mappable(path)
  const environment = new Environment(path, true)
  try {
    if (!frozen(environment, path)) throw none()
    return await act(environment)
  } finally {
    await environment.close()
  }
}

const ATTEMPTS = 5

/** Freezes all of it in one moment. Undefined where it is no store. */
export function frozen(environment: Environment, path: string): About | undefined {
  for (let attempt = 1; ; attempt++) {
    const content = aheadIn(path)
    environment.freeze()
    const about = aboutOf(environment, path)
    if (!about) return undefined
    try {
      showAhead(environment, content, about.id)
      return about
    } catch (error) {
      // Whoever writes meanwhile may have been in the middle of it.
      if (attempt === ATTEMPTS) throw error
    }
  }
}
