import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A published package, by its manifest. */
export interface Package {
  readonly name: string
  readonly tarball: string
  /** Specifiers to import. Empty for a package that has only a command. */
  readonly exports: readonly string[]
}

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const packages: readonly Package[] = readdirSync(`${root}packages`)
  .map(folder => JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8')))
  .filter(manifest => !manifest.private)
  .map(({ name, version, exports = {} }) => ({
    name,
    tarball: `${name.replace('@', '').replace('/', '-')}-${version}.tgz`,
    // An export with only the source condition exists in the workspace alone.
    exports: Object.keys(exports)
      .filter(path => Object.keys(exports[path]).some(condition => condition !== '@midsentence/source'))
      .map(path => name + path.slice(1)),
  }))
