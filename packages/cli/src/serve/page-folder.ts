import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The built page: beside the bundle of the published command, or in its own package of a clone. */
const places = ['../page/', '../../../web/dist/'].map(path => fileURLToPath(new URL(path, import.meta.url)))

/** Returns the folder of the built page, or undefined if it was not built. */
export const pageFolder = (): string | undefined => places.find(folder => existsSync(`${folder}index.html`))
