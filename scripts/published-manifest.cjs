// What pnpm changes in a manifest while it packs, beyond publishConfig: loaded by scripts/pack.mjs.

/** A package ships what it is built to, the sources its maps point at and its documents, but no test. */
const files = ['src', '*.md', '!**/*.test.ts', '!**/__snapshots__', '!**/.tsbuildinfo']

/** Takes out the condition that lets this workspace run on its sources: elsewhere it would name what Node cannot load. */
const withoutSource = value =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .filter(([condition]) => condition !== '@midsentence/source')
          .map(([key, inner]) => [key, withoutSource(inner)]),
      )

/** The command is published as a bundle, which contains all its dependencies but the optional native ones. */
const bundled = ({ dependencies, ...manifest }) => ({ ...manifest, files: ['bin', 'bundle', '*.md'] })

const withSources = manifest => ({ ...manifest, files: [...new Set([...(manifest.files ?? []), ...files])] })

module.exports = {
  hooks: {
    beforePacking: manifest =>
      withoutSource(manifest.name === 'midsentence' ? bundled(manifest) : withSources(manifest)),
  },
}
