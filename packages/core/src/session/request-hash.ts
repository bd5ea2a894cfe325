/** The hash of a request without a key: it is never looked up. */
export const UNKEYED = ''

/** Hashes a request to 64 bits, to notice a key that is used for two requests. Not for secrets: it stops accidents only. */
export function requestHash(method: string, ...parts: readonly unknown[]): string {
  const request: unknown[] = [method]
  for (const part of parts) request.push(typeof part === 'object' ? sorted(part, 0) : part)
  const text = JSON.stringify(request)
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return `${text.length}.${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`
}

/** Deeper than any valid request: deeper values are refused later, and must not be walked before. */
const MAX_DEPTH = 8

/** Copies a value with its keys in order, since their order means nothing in JSON. */
function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) return 'deeper'
  if (Array.isArray(value)) return value.map(each => sorted(each, depth + 1))
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner, depth + 1)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
