// Packs the command as an MCP Bundle, with the official packer. `npm run pack:mcpb` builds first and writes
// tarballs/midsentence.mcpb; `node scripts/install/pack-mcpb.mjs FILE` writes another file.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packExtension } from '@anthropic-ai/mcpb'
import { layOutCommand } from '../bundle.mjs'
import { bundleManifest } from './manifests.mjs'
import { json } from './server.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const outputPath = resolve(process.argv[2] ?? join(root, 'tarballs', `${bundleManifest.name}.mcpb`))
const extensionPath = mkdtempSync(join(tmpdir(), 'midsentence-mcpb-'))
try {
  await layOutCommand(extensionPath)
  const { name, version, license } = bundleManifest
  // The manifest of the workspace names packages that the bundle contains.
  writeFileSync(join(extensionPath, 'package.json'), json({ name, version, license, type: 'module' }))
  writeFileSync(join(extensionPath, 'manifest.json'), json(bundleManifest))
  copyFileSync(join(root, 'LICENSE'), join(extensionPath, 'LICENSE'))
  mkdirSync(dirname(outputPath), { recursive: true })
  if (!(await packExtension({ extensionPath, outputPath, silent: true }))) process.exitCode = 1
  else console.log(outputPath)
} finally {
  rmSync(extensionPath, { recursive: true })
}
