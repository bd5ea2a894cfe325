// Loads what simulates one server, or several over a cluster's logs.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const cluster = fileURLToPath(new URL('../../packages/testing/src/cluster/simulation/index.ts', import.meta.url))

/** Bundles the simulation of a cluster, whose sources are not built. `remove` deletes the bundle. */
export async function bundleCluster() {
  const { build } = await import('esbuild')
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-simulate-'))
  const outfile = join(folder, 'cluster.mjs')
  await build({
    entryPoints: [cluster],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@midsentence/source'],
    outfile,
    logLevel: 'error',
  })
  return { url: pathToFileURL(outfile).href, remove: () => rm(folder, { recursive: true }) }
}

/** `bundle`: the address of a bundle of the cluster's simulation. Absent: one server. */
export const loadSimulation = bundle => import(bundle ?? '@midsentence/conformance/simulation')
