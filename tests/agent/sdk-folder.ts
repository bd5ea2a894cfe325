import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { command } from '../pack/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface SdkFolder {
  readonly folder: string
  /** An SDK could not be installed: the tests are skipped. Under CI this is an error. */
  readonly missing: boolean
}

/** Copies examples/sdk to a temporary folder with our packages, and installs its SDKs, or `packages` instead. */
export async function sdkFolder(name: string, ...packages: readonly string[]): Promise<SdkFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-sdk-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, 'examples/sdk'), folder, { recursive: true })
  if (packages.length > 0) rmSync(join(folder, 'package.json'))
  const { code, output } = await command(folder, 'npm', 'install', '--no-audit', '--no-fund', '--silent', ...packages)
  const missing = code !== 0
  if (missing && process.env.CI) throw new Error(`${name} cannot be installed:\n${output}`)
  if (missing) console.warn(`Skipped: ${name}, since it cannot be installed:\n${output}`)
  else symlinkSync(join(root, 'node_modules/@midsentence'), join(folder, 'node_modules/@midsentence'))
  return { folder, missing }
}
