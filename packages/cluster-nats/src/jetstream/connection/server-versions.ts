import { MidsentenceError } from '@midsentence/core'

/** Older servers accept several writers under one expectation if a stream has replicas. */
const LEAST_REPLICATED = [2, 9, 21]

/** The oldest version that this package is tested with. */
const TESTED = [2, 10, 27]

/**
 * Checks the versions of NATS servers. Throws `unavailable` if one of them cannot keep replicas in one order. Returns a
 * sentence for each that is older than the tested ones.
 */
export function checkVersions(versions: readonly string[], replicas: number): string[] {
  const warnings: string[] = []
  for (const version of new Set(versions)) {
    if (replicas > 1 && isBelow(version, LEAST_REPLICATED)) {
      throw new MidsentenceError(
        'unavailable',
        `nats-server ${version} accepts conflicting writes to replicated streams.`,
        { remedy: `install nats-server ${TESTED.join('.')} or newer` },
      )
    }
    if (isBelow(version, TESTED)) {
      warnings.push(`nats-server ${version} is older than ${TESTED.join('.')}, the oldest tested version.`)
    }
  }
  return warnings
}

function isBelow(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number)
  const at = least.findIndex((number, nth) => parts[nth] !== number)
  return at >= 0 && !((parts[at] ?? 0) > least[at]!)
}
