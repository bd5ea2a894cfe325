import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defaultPolicy, type Policy } from '@midsentence/core'
import { usageError } from '../usage-error.ts'

const hooks = ['admit', 'content', 'access', 'room', 'limits', 'loopGuard'] as const

/** The hooks that the module at `path` exports. */
export async function hooksOf(path: string): Promise<Partial<Policy>> {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(path)).href).catch(error => {
    throw usageError(`The policy in ${path} cannot be loaded: ${(error as Error).message}.`)
  })
  const found = Object.entries(module).filter(([name]) => hooks.some(hook => hook === name))
  const wrong = found.find(([, hook]) => typeof hook !== 'function')
  if (wrong) throw usageError(`${wrong[0]} in ${path} has to be a function.`)
  if (found.length === 0) throw usageError(`${path} exports no hook: there are ${hooks.join(', ')}.`)
  return Object.fromEntries(found)
}

/** One policy of several: what a later one says goes before. */
export const policyOf = (...parts: readonly Partial<Policy>[]): Policy => Object.assign({}, defaultPolicy, ...parts)
