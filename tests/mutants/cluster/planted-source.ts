import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type * as simulation from '@midsentence/testing/cluster/simulation/index'
import { build, type Plugin } from 'esbuild'

/** A text of a source file that is replaced by another one. */
export interface SourceChange {
  /** The end of the file's path. */
  readonly file: string
  readonly from: string
  readonly to: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Bundles the simulation of a cluster from the sources, with `changes` in them, and loads it. */
export async function loadSimulation(changes: readonly SourceChange[]): Promise<typeof simulation> {
  const planted = new Set<SourceChange>()
  const { outputFiles } = await build({
    entryPoints: [`${root}packages/testing/src/cluster/simulation/index.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    conditions: ['@midsentence/source'],
    plugins: [planting(changes, planted)],
  })
  for (const change of changes) if (!planted.has(change)) throw new Error(`Nothing loads ${change.file}.`)
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`)
}

const planting = (changes: readonly SourceChange[], planted: Set<SourceChange>): Plugin => ({
  name: 'planting',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const own = changes.filter(({ file }) => path.endsWith(file))
      if (own.length === 0) return undefined
      let contents = await readFile(path, 'utf8')
      for (const change of own) {
        const { from, to } = change
        if (contents.split(from).length !== 2) throw new Error(`${path} has not one text ${from}`)
        contents = contents.replace(from, () => to)
        planted.add(change)
      }
      return { contents, loader: 'ts' }
    })
  },
})
