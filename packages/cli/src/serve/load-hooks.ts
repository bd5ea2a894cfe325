import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defaultPolicy, type Policy } from '@midsentence/core'
import { usageError } from '../usage-error.ts'

const hookNames = ['admit', 'content', 'access', 'room', 'limits', 'loopGuard'] as const

/** Imports the module at `path` and returns its policy hooks. Throws a usage error when it exports none. */
export async function loadHooks(path: string): Promise<Partial<Policy>> {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(path)).href).catch(error => {
    throw usageError(`The policy in ${path} cannot be loaded: ${(error as Error).message}.`)
  })
  const found = Object.entries(module).filter(([name]) => hookNames.some(hook => hook === name))
  const wrong = found.find(([, hook]) => typeof hook !== 'function')
  if (wrong) throw usageError(`${wrong[0]} in ${path} has to be a function.`)
  if (found.length === 0) throw usageError(`${path} exports no hook: there are ${hookNames.join(', ')}.`)
  return Object.fromEntries(found)
}

/**
 * Merges policies into one. A later policy overrides the hooks of an earlier one. For a room without a loop guard in the later
 * one, that of the earlier one holds.
 */
export function mergePolicies(...parts: readonly Partial<Policy>[]): Policy {
  const guards = parts.flatMap(({ loopGuard }) => loopGuard ?? []).reverse()
  const loopGuard = (room: string) => {
    for (const guard of guards) {
      const settings = guard(room)
      if (settings !== undefined) return settings
    }
    return undefined
  }
  return Object.assign({}, defaultPolicy, ...parts, guards.length > 0 && { loopGuard })
}
