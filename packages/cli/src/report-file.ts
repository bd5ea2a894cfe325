import { writeFile } from 'node:fs/promises'
import { expandHome } from './settings/read-text-file.ts'
import { usageError } from './usage-error.ts'

/**
 * Writes a report to a file that may exist. Write '' before the work begins: a wrong path must not cost its results. Rejects with a
 * usage error.
 */
export async function writeReport(path: string, text: string): Promise<void> {
  const file = expandHome(path)
  try {
    await writeFile(file, text)
  } catch (error) {
    throw usageError(`${file} cannot be written: ${(error as Error).message}.`)
  }
}
