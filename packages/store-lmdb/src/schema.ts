import { MidsentenceError } from '@midsentence/core'
import { damaged } from './damage.ts'
import type { Environment } from './environment.ts'
import { aboutKey, allOf } from './keys.ts'

/** The form of what this version writes. One more where an older version could not read it. */
export const SCHEMA = 1

/** What a store says of itself. */
export interface About {
  readonly midsentence: 'store'
  readonly schema: number
  /** The id of its room log. */
  readonly id: string
}

/** What the store in `path` says of itself; undefined where it is new. Throws where this version cannot read it. */
export function aboutOf(environment: Environment, path: string): About | undefined {
  const about = environment.get(aboutKey) as About | undefined
  if (!about) {
    if (environment.range(Buffer.of(0), Buffer.of(255), 1).length === 0) return undefined
    if (environment.range(allOf('counts').from, allOf('counts').to, 1).length > 0)
      throw damaged('what it is is missing')
    throw new MidsentenceError(
      'internal',
      `${path} holds something else than a store of midsentence: choose another directory.`,
    )
  }
  if (about.schema === SCHEMA) return about
  throw new MidsentenceError(
    'internal',
    `The store in ${path} was written by a newer midsentence (its form is ${about.schema}, this one reads ${SCHEMA}): go on with that one.`,
  )
}
