import { posix } from 'node:path'

/** A source file by its path in the repository. */
export interface SourceFile {
  readonly path: string
  readonly lines: number
}

const isTest = (path: string) => /\.test\.ts$/.test(path)

/** Lists the folders with more than `limit` files that are not tests, as `folder: count`. `own` has limits of single folders. */
export function crowdedFolders(
  files: readonly SourceFile[],
  limit: number,
  own: Readonly<Record<string, number>> = {},
): readonly string[] {
  const counts = new Map<string, number>()
  for (const { path } of files) {
    const folder = posix.dirname(path)
    if (!isTest(path)) counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts]
    .filter(([folder, count]) => count > (own[folder] ?? limit))
    .map(([name, count]) => `${name}: ${count}`)
}

/** Lists the files with more than `limit` lines, as `path: lines`. */
export const longFiles = (files: readonly SourceFile[], limit: number): readonly string[] =>
  files.filter(({ lines }) => lines > limit).map(({ path, lines }) => `${path}: ${lines}`)
