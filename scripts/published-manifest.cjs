// pnpm hook that changes manifests while packing, beyond publishConfig. Loaded by scripts/pack.mjs.

/** Files of a package beside its build: the sources that its maps name, and its documents, without tests. */
const files = ['src', '*.md', '!**/*.test.ts', '!**/__snapshots__', '!**/.tsbuildinfo']

/** Removes the condition by which the workspace runs on its sources: Node cannot load these elsewhere. */
const withoutSource = value =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .filter(([condition]) => condition !== '@midsentence/source')
          .map(([key, inner]) => [key, withoutSource(inner)]),
      )

/** Removes the dependencies of the command, whose bundle contains all but the optional native ones. */
const bundled = ({ dependencies, ...manifest }) => ({ ...manifest, files: ['bin', 'bundle', '*.md'] })

const withSources = manifest => ({ ...manifest, files: [...new Set([...(manifest.files ?? []), ...files])] })

module.exports = {
  hooks: {
    beforePacking: manifest =>
      withoutSource(manifest.name === 'midsentence' ? bundled(manifest) : withSources(manifest)),
  },
}
