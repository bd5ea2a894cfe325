import { MidsentenceError } from '@midsentence/core'
import type { Environment } from './environment.ts'
import { damaged } from './errors.ts'
import { identityKey, keysOf } from './keys.ts'

/** Version of the layout on disk. Raise it when an older version could not read the new layout. */
export const SCHEMA = 3

/** The record that makes a directory a store. */
export interface StoreIdentity {
  readonly midsentence: 'store'
  readonly schema: number
  /** The id of the store's room log. */
  readonly id: string
}

/** Reads the identity of the store in `path`; undefined for an empty environment. Throws if this version cannot read it. */
export function readIdentity(environment: Environment, path: string): StoreIdentity | undefined {
  const identity = environment.get(identityKey) as StoreIdentity | undefined
  if (!identity) {
    if (environment.range(Buffer.of(0), Buffer.of(255), 1).length === 0) return undefined
    const { from, to } = keysOf('counts')
    if (environment.range(from, to, 1).length > 0) throw damaged('its identity record is missing')
    throw new MidsentenceError('internal', `${path} holds another program's data: choose another directory.`)
  }
  if (identity.schema === SCHEMA) return identity
  const age = identity.schema > SCHEMA ? 'a newer' : 'an older'
  throw new MidsentenceError(
    'internal',
    `The store in ${path} was written by ${age} midsentence (layout ${identity.schema}, this version reads ${SCHEMA}): open it with that version.`,
  )
}
