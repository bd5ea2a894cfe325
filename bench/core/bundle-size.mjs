import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Bundles `contents` for browsers, from the built packages. Returns the gzipped bytes and the modules. */
export async function bundle(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    // As Vite resolves packages for production.
    conditions: ['module', 'browser', 'production'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['node:*'],
    legalComments: 'none',
    logLevel: 'silent',
  })
  const [{ imports, inputs }] = Object.values(metafile.outputs)
  return {
    bytes: gzipSync(outputFiles[0].contents, { level: 9 }).length,
    modules: Object.keys(inputs).filter(path => inputs[path].bytesInOutput > 0),
    imports: imports.map(({ path }) => path),
  }
}

export const everything = `export * from '@midsentence/core'`
export const draftOnly = `export { append, undo, reset, emptyDraft, textOf, suffixOf } from '@midsentence/core'`
