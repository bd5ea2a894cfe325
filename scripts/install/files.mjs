import { marketplace, pluginManifests, registryManifest } from './manifests.mjs'
import { page } from './page.mjs'
import { json } from './server.mjs'
import { skill } from './skill.mjs'

const text = value => `${json(value)}\n`

/** The generated files, by their path in the repository. */
export const files = {
  'server.json': text(registryManifest),
  '.claude-plugin/marketplace.json': text(marketplace),
  ...Object.fromEntries(Object.entries(pluginManifests).map(([path, value]) => [`plugin/${path}`, text(value)])),
  'plugin/skills/midsentence/SKILL.md': skill,
  'docs/mcp-hosts.md': page,
}
