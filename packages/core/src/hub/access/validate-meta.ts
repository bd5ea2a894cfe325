const META_BYTES = 2048
const META_DEPTH = 4

type Meta = Readonly<Record<string, unknown>>

/** Returns why `meta` is not valid, if so: it may have at most 2 KiB as JSON, and be nested at most 4 deep. */
export function metaError(meta: Meta): string | undefined {
  if (depthOf(meta) > META_DEPTH) return `it is more than ${META_DEPTH} deep`
  if (new TextEncoder().encode(JSON.stringify(meta)).length > META_BYTES) return `it is larger than ${META_BYTES} bytes`
  return undefined
}

/** Returns how deep objects and arrays are nested, counted up to just above the limit. */
function depthOf(value: unknown, counted = 0): number {
  if (typeof value !== 'object' || value === null || counted > META_DEPTH) return counted
  let deepest = counted + 1
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, counted + 1))
  return deepest
}
