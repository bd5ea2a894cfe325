import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs git in the repository. Returns its output, or undefined if git fails or is not installed. */
export function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return status === 0 ? stdout : undefined
}

/** Reads the files whose paths match `wanted`: those that git tracks, and new ones that it does not ignore. */
export function repositoryFiles(wanted) {
  const listed = git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
  if (listed === undefined) {
    console.error('This check reads the list of files from git: run it in a clone.')
    process.exit(1)
  }
  return [...new Set(listed.split('\0'))]
    .filter(path => wanted.test(path) && existsSync(join(root, path)))
    .sort()
    .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** Prints `findings` and sets the exit code, if there are any. */
export function report(findings) {
  for (const finding of findings) console.error(finding)
  if (findings.length > 0) process.exitCode = 1
}

/** Is this the script that node was started with, and not one that another module imports? */
export const isMain = ({ url }) =>
  process.argv[1] !== undefined && url === pathToFileURL(realpathSync(process.argv[1])).href
