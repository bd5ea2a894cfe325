/** A field of a class that begins as an empty collection. */
const FIELD = /^ {2}(?:readonly )?(#?\w+)(?:: [^=]+)? = (?:new (?:Map|Set|TinyQueue)\b|\[\])/
/** A collection of a factory function that its closures share. */
const SHARED = /^ {2}const (\w+)(?:: [^=]+)? = new (?:Map|Set)\b/

/**
 * Finds the collections in a source that outlive a call, as `Class.field` or `factory.name`. A collection of a function
 * counts if a function inside of it uses it.
 */
export function collectionsIn(source: string): readonly string[] {
  const found: string[] = []
  let owner = ''
  let name: string | undefined
  for (const line of source.split('\n')) {
    const [, declared] = /^(?:export )?(?:abstract )?(?:async )?(?:class|function\*?) (\w+)/.exec(line) ?? []
    owner = declared ?? owner
    name = FIELD.exec(line)?.[1] ?? SHARED.exec(line)?.[1]
    if (name !== undefined && (FIELD.test(line) || isShared(source, name))) found.push(`${owner}.${name}`)
  }
  return found
}

/** Tells whether a function that is defined beside a collection, at the same depth, uses it later. */
const isShared = (source: string, name: string): boolean =>
  new RegExp(
    `^ {2}(?:const \\w+ = (?:async )?\\(.*=>|(?:async )?function \\w+|return \\{)[\\s\\S]*\\b${name}\\b`,
    'm',
  ).test(source.slice(source.search(new RegExp(`^ {2}const ${name}\\b`, 'm'))))
