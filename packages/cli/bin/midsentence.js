#!/usr/bin/env node
import { existsSync } from 'node:fs'
import * as module from 'node:module'

// Node.js 22 and newer keep compiled code on disk; Node.js 20 lacks this.
module.enableCompileCache?.()
// A clone has compiled sources, a published package has a bundle.
const found = ['../dist/main.js', '../bundle/dist/main.js'].find(path => existsSync(new URL(path, import.meta.url)))
if (found) {
  const { main } = await import(found)
  process.exitCode = await main(process.argv.slice(2))
} else {
  console.error('midsentence is not built: run `npm run build` in the root folder of its source, then try again.')
  process.exitCode = 1
}
