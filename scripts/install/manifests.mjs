// The manifests: MCP registry, Agent Plugins 1.0, Claude Code's plugins and marketplaces, MCP Bundles.
import { configuration, hosts, server, serverArgs, tools } from './server.mjs'

const serverText = 'The address of the midsentence server. Of several that share their rooms: all, with commas.'
const { name, version, license, description, keywords, url } = server
const author = { name: server.author }

/** `server.json` of the MCP registry. */
export const registryManifest = {
  $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  name: server.registryName,
  title: name,
  description,
  version,
  packages: [
    {
      registryType: 'npm',
      identifier: 'midsentence',
      version,
      runtimeHint: server.command[0],
      transport: { type: 'stdio' },
      packageArguments: [
        { type: 'positional', value: 'mcp' },
        {
          type: 'named',
          name: '--name',
          description: "The model's name in the room.",
          isRequired: true,
          default: hosts['Claude Code'].participant,
        },
        { type: 'named', name: '--room', description: 'The room.', default: 'lobby' },
      ],
      environmentVariables: [
        { name: 'MIDSENTENCE_URL', description: serverText, default: url },
        {
          name: 'MIDSENTENCE_CREDENTIAL',
          description: 'The password or signed token, if the server asks for one.',
          isSecret: true,
        },
      ],
    },
  ],
}

const plugin = { name, version, description, author, license, keywords }
const agentPlugins = file => `https://agent-plugins.org/schemas/1.0.0/${file}.schema.json`
/** A plugin has no settings: the environment's MIDSENTENCE_URL names another server. */
const pluginServer = configuration('Claude Code', '')

/** The manifests of the plugin, by their path in its folder. */
export const pluginManifests = {
  'plugin.json': { $schema: agentPlugins('plugin'), ...plugin },
  // The host is not known here, and so the model has a general name.
  'mcp.json': {
    $schema: agentPlugins('mcp'),
    mcpServers: {
      [name]: {
        type: 'stdio',
        ...pluginServer,
        args: [...server.command.slice(1), ...serverArgs({ participant: 'Agent' })],
      },
    },
  },
  '.claude-plugin/plugin.json': plugin,
  '.mcp.json': { mcpServers: { [name]: pluginServer } },
}

/** `.claude-plugin/marketplace.json` of Claude Code: this repository is a marketplace with one plugin. */
export const marketplace = {
  name,
  owner: author,
  metadata: { description },
  plugins: [{ name, source: './plugin', description, version }],
}

/** `manifest.json` of the MCP Bundle, whose command is in the bundle. */
export const bundleManifest = {
  manifest_version: '0.3',
  name,
  display_name: name,
  version,
  description,
  author,
  license,
  keywords,
  server: {
    type: 'node',
    entry_point: 'bin/midsentence.js',
    mcp_config: {
      command: 'node',
      args: [
        // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of the host
        '${__dirname}/bin/midsentence.js',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of the host
        ...serverArgs({ ...hosts['Claude Desktop'], participant: '${user_config.name}' }),
      ],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of the host
      env: { MIDSENTENCE_URL: '${user_config.url}', MIDSENTENCE_CREDENTIAL: '${user_config.credential}' },
    },
  },
  user_config: {
    url: { type: 'string', title: 'Server', description: serverText, default: url },
    name: {
      type: 'string',
      title: 'Name',
      description: "The model's name in the room.",
      default: hosts['Claude Desktop'].participant,
    },
    credential: {
      type: 'string',
      title: 'Credential',
      description: 'The password or signed token, if the server asks for one.',
      sensitive: true,
      // Without a value the host would hand over the name of the variable.
      default: '',
    },
  },
  tools: tools(hosts['Claude Desktop'].toolPrefix),
  compatibility: { runtimes: { node: '>=20.19' } },
}
