// Links that add the server to a host.
import { configuration, server } from './server.mjs'

const base64 = value => encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64'))

/** The links, by host. Each has the configuration of `configuration(host)`. */
export const links = {
  'VS Code': `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: server.name, ...configuration('VS Code') }))}`,
  Cursor: `cursor://anysphere.cursor-deeplink/mcp/install?name=${server.name}&config=${base64(configuration('Cursor'))}`,
  'LM Studio': `lmstudio://add_mcp?name=${server.name}&config=${base64(configuration('LM Studio'))}`,
}
