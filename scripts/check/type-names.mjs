// type-names.mjs: fails if a type that the packages' sources export shares its name with a type of another file, exported
// or local. Re-exports do not count.
import { isMain, report, repositoryFiles } from './files.mjs'

const definition = /^(export )?(?:declare |abstract |const )*(?:interface|type|class|enum) (\w+)/gm

/** Lists each exported type name that more than one file defines, with those files, sorted by name. */
export function doubles(files) {
  const exported = new Set()
  const places = new Map()
  for (const { path, text } of files) {
    for (const [, isExported, name] of text.matchAll(definition)) {
      if (isExported) exported.add(name)
      places.set(name, (places.get(name) ?? new Set()).add(path))
    }
  }
  return [...places]
    .filter(([name, paths]) => exported.has(name) && paths.size > 1)
    .map(([name, paths]) => [name, [...paths]])
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

if (isMain(import.meta)) {
  const sources = repositoryFiles(/^packages\/[^/]+\/src\/.*(?<!\.test)\.ts$/)
  report(doubles(sources).map(([name, paths]) => `Type ${name} is defined ${paths.length} times: ${paths.join(', ')}`))
}
