import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Installs a tarball of the command globally below `folder`. Resolves with the environment in which npx finds it. */
export async function installGlobally(tarball: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    npm_config_prefix: folder,
    npm_config_update_notifier: 'false',
  }
  const args = ['install', '--global', '--no-audit', '--no-fund', '--prefer-offline', tarball]
  await promisify(execFile)('npm', args, { env: { ...process.env, ...env }, cwd: folder })
  return env
}
