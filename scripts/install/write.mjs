// Writes the files that install the MCP server: `npm run generate:install`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { files } from './files.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
